import type { Sql } from '../service/database.js'

/** The texts of an account in the month (UTC) of an instant; at this pace, what the whole month costs. */
export async function costsOf(sql: Sql, accountId: string, centsPerSegment: number, at: number) {
  const [year, month] = [new Date(at).getUTCFullYear(), new Date(at).getUTCMonth()]
  const [begin, end] = [Date.UTC(year, month), Date.UTC(year, month + 1)]
  const [sum] = await sql.query<{ readonly texts: number; readonly segments: number }>(
    `SELECT count(*)::int AS texts, coalesce(sum(segments), 0)::int AS segments FROM alert_notification
     WHERE account_id = $1 AND channel = 'sms' AND status IN ('sent', 'unknown') AND counted_at >= $2 AND counted_at < $3`,
    [accountId, new Date(begin), new Date(end)],
  )
  const { texts, segments } = sum ?? { texts: 0, segments: 0 }
  // Of the first day alone nothing can be said: a whole one is the least that a pace is taken from.
  const elapsed = Math.max(at - begin, 86_400_000)
  return {
    month: new Date(begin).toISOString().slice(0, 7),
    texts,
    segments,
    cents: segments * centsPerSegment,
    projected_cents: Math.round((segments * centsPerSegment * (end - begin)) / elapsed),
  }
}

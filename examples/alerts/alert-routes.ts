import { z } from 'zod'
import { member, staff } from '../accounts/access.js'
import type { Sessions } from '../accounts/sessions.js'
import { failure, success } from '../service/envelope.js'
import type { Parts } from '../service/parts.js'
import { type Route, route } from '../service/route.js'
import { kinds, severities } from './alert.js'
import type { Bell } from './bell.js'
import { listAlerts } from './list-alerts.js'
import { raise } from './raise.js'
import { sentences } from './sentences.js'
import { outcomesOf } from './why.js'

export interface AlertRouteParts {
  readonly parts: Pick<Parts, 'database' | 'now'>
  readonly sessions: Sessions
  readonly bell: Bell
  readonly deliver: (ids: readonly string[]) => Promise<void>
}

/** How long a list waits for something new, in milliseconds. */
const waitMs = 20_000

/** A line of text that Postgres can hold. */
const line = (max: number) => z.string().trim().min(1).max(max)

/** Detectors raise alerts, people read theirs. */
export function alertRoutes({ parts, sessions, bell, deliver }: AlertRouteParts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/alerts/',
      summary: 'Raises an alert, and tells its owner as its owner likes',
      access: staff(sessions),
      body: z.object({
        account_id: z.int().min(1),
        kind: z.enum(kinds),
        severity: z.enum(severities),
        title: line(100),
        message: line(300),
        event_id: z.string().min(1).max(100).optional(),
      }),
      throttles: [{ name: 'raise', spans: [{ max: 600, windowMs: 60_000 }] }],
      replies: { 200: 'It was raised before', 201: 'Raised, and what becomes of it on each channel', 404: 'There is no such account' },
      async answer({ body: { account_id, event_id = null, ...alert }, language }) {
        const accountId = String(account_id)
        const raised = await raise(parts, { ...alert, accountId, eventId: event_id })
        if (raised === undefined) return failure(404, sentences.nobody[language])
        bell.ring(accountId)
        await deliver(raised.pending)
        const notifications = await outcomesOf(parts.database, accountId, raised.alertId, language)
        const said = raised.isNew ? ([201, sentences.raised] as const) : ([200, sentences.raised_before] as const)
        return success(said[0], said[1][language], { id: raised.alertId, notifications })
      },
    }),
    route({
      method: 'GET',
      path: '/api/alerts/',
      summary: 'The alerts after a cursor, oldest first; with wait=1 it answers when there is one, or after 20 seconds',
      access: member(sessions),
      throttles: [{ name: 'list', spans: [{ max: 240, windowMs: 60_000 }] }],
      replies: { 200: 'Alerts, and the cursor to ask with next', 400: 'after is no cursor' },
      async answer({ who: { account }, query, language }) {
        const after = query.get('after') ?? '0'
        if (!/^\d{1,18}$/.test(after)) return failure(400, sentences.cursor_wrong[language])
        // Listening begins before the list is read: what comes between is not missed.
        const listening = query.get('wait') === '1' ? bell.listen(account.id, waitMs) : undefined
        try {
          const found = await listAlerts(parts.database, account.id, after)
          await (found.length === 0 ? listening?.heard : undefined)
          const alerts = found.length === 0 && listening ? await listAlerts(parts.database, account.id, after) : found
          return success(200, sentences.alerts[language], { alerts, cursor: alerts.at(-1)?.id ?? after })
        } finally {
          listening?.stop()
        }
      },
    }),
  ]
}

import type { Entry, KeyvClient } from './keyv-client.js'

/** A challenge or, without a code, a one-shot. What may be spent is not in it: its tickets and its claim are records of their own. */
export interface KeptRecord {
  /** Names the tickets and the claim of this life of the id. */
  readonly lot: string
  readonly endsAt: number
  readonly code?: KeptCode | undefined
}

export interface KeptCode {
  readonly digest: string
  readonly endsAt: number
  /** How many tickets were made: 0 where the count was none. */
  readonly attempts: number
}

/** Every ticket is a record and a call, so there is an end to them. */
export const MOST_TICKETS = 100

/** A list, not an object: it inherits nothing that a reader could take for a field. */
const format = ({ lot, endsAt, code }: KeptRecord): string =>
  JSON.stringify(code ? [lot, endsAt, code.endsAt, code.attempts, code.digest] : [lot, endsAt])

const isTime = (value: unknown): value is number => Number.isFinite(value)

/** What was written, or 'unreadable': somebody else wrote it, and nothing may be concluded from it. */
function parse(text: string): KeptRecord | 'unreadable' {
  let fields: unknown
  try {
    fields = JSON.parse(text)
  } catch {}
  if (!Array.isArray(fields)) return 'unreadable'
  const [lot, endsAt, codeEndsAt, attempts, digest]: unknown[] = fields
  if (typeof lot !== 'string' || !isTime(endsAt)) return 'unreadable'
  if (fields.length === 2) return { lot, endsAt }
  if (fields.length !== 5 || !isTime(codeEndsAt) || typeof digest !== 'string') return 'unreadable'
  const isCount = Number.isSafeInteger(attempts) && (attempts as number) > 0 && (attempts as number) <= MOST_TICKETS
  return { lot, endsAt, code: { digest, endsAt: codeEndsAt, attempts: isCount ? (attempts as number) : 0 } }
}

const claimOf = (name: string, { lot }: KeptRecord) => `${name}:${lot}:claim`

const ticketsOf = (name: string, { lot, code }: KeptRecord) =>
  Array.from({ length: code?.attempts ?? 0 }, (_, at) => `${name}:${lot}:${at}`)

/** The tickets and the claim. They come before the record, which nobody can find until then. */
export const prepared = (name: string, record: KeptRecord, ttlMs: number): Entry[] =>
  [claimOf(name, record), ...ticketsOf(name, record)].map((key) => [key, '1', ttlMs])

export const entryOf = (name: string, record: KeptRecord, ttlMs: number): Entry => [name, format(record), ttlMs]

/** Records by name, and what is torn up to spend them: `delete` tells one caller alone that it was there, whatever process it is in. */
export const createKeyvRecords = (client: KeyvClient) => ({
  /** Undefined where nothing is, or its life is over. */
  async read(names: readonly string[], at: number): Promise<(KeptRecord | 'unreadable' | undefined)[]> {
    const found = await client.get(names)
    return found.map((text) => {
      const record = text === undefined ? undefined : parse(text)
      return record === 'unreadable' || record === undefined || at < record.endsAt ? record : undefined
    })
  },

  /** Whether it is closed, and the tickets that nobody has torn up yet, in the order in which everybody does. */
  async state(name: string, record: KeptRecord): Promise<{ readonly closed: boolean; readonly tickets: readonly string[] }> {
    const tickets = ticketsOf(name, record)
    const [claim, ...found] = await client.get([claimOf(name, record), ...tickets])
    return { closed: claim === undefined, tickets: tickets.filter((_, index) => found[index] !== undefined) }
  },

  /** True for one caller. */
  close: (name: string, record: KeptRecord): Promise<boolean> => client.delete(claimOf(name, record)),

  /** How many are left after the first one that it was given to tear up; undefined when others had torn up all of them. */
  async tear(tickets: readonly string[]): Promise<number | undefined> {
    for (const [index, ticket] of tickets.entries()) if (await client.delete(ticket)) return tickets.length - index - 1
    return undefined
  },
})

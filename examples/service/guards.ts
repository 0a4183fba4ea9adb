import type { Logger } from 'pino'
import { z } from 'zod'
import type { Language } from './language.js'
import { network } from './network.js'
import { isCrossSite, type Sender } from './origin.js'
import { type Refusal, statusOf, type Wire } from './refusal.js'
import type { Answer, Route, Visitor } from './route.js'
import type { Room, TakeHit, Throttle } from './throttle.js'

/** A request as a framework hands it over. */
export interface Incoming extends Visitor, Omit<Sender, 'method'> {
  /** What the framework's parser made of the body, or why it could not. */
  readonly body: { readonly parsed: unknown } | { readonly refused: 'malformed' | 'too_large' | 'not_json' }
}

export interface GuardParts {
  readonly wire: Wire
  readonly takeHit: TakeHit
  readonly publicUrl: URL
  readonly log: Logger
}

export interface Guards {
  /** What a route answers to a request, whatever happens. */
  answer(route: Route, incoming: Incoming): Promise<Answer>
  refuse(refusal: Refusal, language: Language, headers?: Answer['headers']): Answer
}

const outages: ReadonlySet<unknown> = new Set([
  'ERR_PV_STORE',
  'ERR_PV_TENANTS',
  'ERR_PV_SMS_UNAVAILABLE',
  'ERR_PV_TIMEOUT',
  'ERR_PV_CLOSED',
])

/** Classes of SQLSTATE, and errors of a socket, which say that the database is away: not that the statement is wrong. */
const isAway = (code: unknown) => outages.has(code) || /^(?:08|53|57|58)[0-9A-Z]{3}$|^E(?:AI_)?[A-Z]+$/.test(String(code ?? ''))

/** SQLSTATE: a text that Postgres cannot hold, which is one with a NUL. Only a visitor sends such. */
const isUnkeepable = (code: unknown) => code === '22021' || code === '22P05'

/** The staircase that every request climbs before an app sees it, and the floor under what an app throws. */
export function createGuards({ wire, takeHit, publicUrl, log }: GuardParts): Guards {
  const refuse = (refusal: Refusal, language: Language, headers: Answer['headers'] = {}): Answer => ({
    status: statusOf(refusal),
    body: wire.refusal(refusal, language),
    headers: {
      ...headers,
      ...(refusal.refused === 'throttled' && { 'retry-after': String(Math.ceil(refusal.retryAfterMs / 1_000)) }),
      ...(refusal.refused === 'unavailable' && { 'retry-after': '5' }),
      ...(refusal.refused === 'unauthorized' && { 'www-authenticate': 'Bearer' }),
    },
  })

  const climb = async (route: Route, incoming: Incoming): Promise<Answer> => {
    const { language } = incoming
    const rooms: Room[] = []
    /** The refusal of the first throttle that is full. */
    const taken = async (
      throttles: readonly Throttle[],
      keyOf: (throttle: Throttle) => string | undefined,
    ): Promise<Refusal | undefined> => {
      for (const throttle of throttles) {
        const key = keyOf(throttle)
        if (key === undefined) continue
        const room = await takeHit(throttle.name, throttle.spans, key)
        rooms.push(room)
        if (room.retryAfterMs !== undefined) return { refused: 'throttled', retryAfterMs: room.retryAfterMs }
      }
    }
    const refused = (refusal: Refusal) => refuse(refusal, language, rateHeaders(rooms))
    const { throttles = [] } = route

    // Another site's page may not use a visitor's cookies. A provider's webhook is no page: it is told by its signature.
    if (route.takes !== 'form' && isCrossSite({ ...incoming, method: route.method }, publicUrl)) return refused({ refused: 'cross_site' })
    // By address first: it costs least, and counts what is wrong as well as what is right.
    const byAddress = await taken(
      throttles.filter(({ key }) => key === undefined),
      () => network(incoming.ip),
    )
    if (byAddress) return refused(byAddress)
    // Who asks, before what is asked: a stranger learns nothing of what a body must look like.
    const admitted = await route.access?.admit(incoming)
    if (admitted && 'refused' in admitted) return refused(admitted)
    const read = readBody(route, incoming, wire)
    if ('refused' in read) return refused(read)
    const asked = { ...incoming, body: read.body, who: admitted?.who }
    // By what the request says, a phone perhaps, once it is known to say it.
    const byContent = await taken(
      throttles.filter(({ key }) => key !== undefined),
      (throttle) => throttle.key?.(asked),
    )
    if (byContent) return refused(byContent)

    const answer = await route.answer(asked)
    return { ...answer, headers: { ...rateHeaders(rooms), ...answer.headers } }
  }

  return {
    refuse,
    answer: async (route, incoming) => {
      try {
        return await climb(route, incoming)
      } catch (error) {
        const { code } = Object(error) as { readonly code?: unknown }
        if (isUnkeepable(code)) return refuse({ refused: 'malformed' }, incoming.language)
        // Its name and code, never its message: a driver's may hold what the visitor sent.
        log.error(
          { route: `${route.method} ${route.path}`, code: String(code ?? ''), name: error instanceof Error ? error.name : typeof error },
          'failed',
        )
        return refuse({ refused: isAway(code) ? 'unavailable' : 'failed' }, incoming.language)
      }
    },
  }
}

function readBody({ body: schema }: Route, { body, language }: Incoming, wire: Wire): { readonly body: unknown } | Refusal {
  if (schema === undefined) return { body: undefined }
  if ('refused' in body) return body
  const read = schema.safeParse(body.parsed, { error: z.locales[language]().localeError })
  if (read.success) return { body: read.data }
  const fields: Record<string, string[]> = Object.create(null)
  for (const { path, message } of read.error.issues) {
    const sentence = Object.hasOwn(wire.sentences, message) ? wire.sentences[message]?.[language] : undefined
    const field = String(path[0] ?? '')
    fields[field] = [...(fields[field] ?? []), sentence ?? message]
  }
  return { refused: 'invalid', fields }
}

/** Of several throttles, the one that refused, or will refuse first. */
function rateHeaders(rooms: readonly Room[]): Readonly<Record<string, string>> {
  const room =
    rooms.find(({ retryAfterMs }) => retryAfterMs !== undefined) ?? [...rooms].sort((one, other) => one.remaining - other.remaining)[0]
  if (room === undefined) return {}
  return {
    'x-ratelimit-limit': String(room.limit),
    'x-ratelimit-remaining': String(room.remaining),
    'x-ratelimit-reset': String(Math.ceil(room.resetAt / 1_000)),
  }
}

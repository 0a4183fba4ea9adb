import type { z } from 'zod'
import type { Language } from './language.js'
import type { Refusal } from './refusal.js'
import type { Throttle } from './throttle.js'

/** Who asks, as far as the request says. */
export interface Visitor {
  /** The address, taken from as many proxies as are trusted. */
  readonly ip: string
  readonly language: Language
  readonly userAgent: string | undefined
  readonly authorization: string | undefined
  readonly query: URLSearchParams
  /** What stands for `:name` in the path. */
  readonly params: Readonly<Record<string, string | undefined>>
  cookie(name: string): string | undefined
}

/** A request that passed every guard of its route. */
export interface Asked<Body, Who> extends Visitor {
  readonly body: Body
  readonly who: Who
}

export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
}

/** Who may pass. */
export interface Access<Who> {
  /** For the document: `Bearer, an access token`. */
  readonly says: string
  admit(visitor: Visitor): Promise<{ readonly who: Who } | Refusal>
}

/** One endpoint: what guards it, what it takes, what it answers. Routing, document and refusals are made of it. */
export interface Route<Body = unknown, Who = unknown> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: `/${string}`
  readonly summary: string
  /** Absent: anybody. */
  readonly access?: Access<Who> | undefined
  readonly throttles?: readonly Throttle<Body, Who>[] | undefined
  /** Absent: no body is read. Messages of the schema are keys of the wire's sentences. */
  readonly body?: z.ZodType<Body> | undefined
  /** `form`: what a provider's webhook posts. Such a route has no visitor, so nobody's site is asked for. Default `json`. */
  readonly takes?: 'json' | 'form' | undefined
  /** Each status that the endpoint itself answers with, and in which case. */
  readonly replies: Readonly<Record<number, string>>
  answer(asked: Asked<Body, Who>): Promise<Answer>
}

/** Infers what the parts of a route say of each other. */
export const route = <Body = undefined, Who = undefined>(described: Route<Body, Who>): Route => described as Route

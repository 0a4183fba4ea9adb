import type { Wire } from './refusal.js'
import type { Route } from './route.js'

/** A request that has its reply. */
export interface Answered {
  readonly method: string
  /** The route's, with its parameters unfilled: what a visitor put into a URL is not kept. Empty where no route is. */
  readonly path: string
  readonly status: number
  readonly ms: number
}

/** What a service serves, in whichever framework. */
export interface Api {
  readonly title: string
  readonly description: string
  readonly routes: readonly Route[]
  readonly wire: Wire
  /** Whether what verifies phones answers. */
  readonly ready: () => Promise<void>
  /** Hears of every reply, for an app that counts them. */
  readonly observe?: ((answered: Answered) => void) | undefined
}

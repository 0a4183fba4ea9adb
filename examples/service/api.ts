import type { Wire } from './refusal.js'
import type { Route } from './route.js'

/** What a service serves, in whichever framework. */
export interface Api {
  readonly title: string
  readonly description: string
  readonly routes: readonly Route[]
  readonly wire: Wire
  /** Whether what verifies phones answers. */
  readonly ready: () => Promise<void>
}

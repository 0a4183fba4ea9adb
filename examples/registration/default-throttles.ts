import type { SignedIn } from '../accounts/sessions.js'
import type { Route } from '../service/route.js'
import type { Throttle } from '../service/throttle.js'

const hour = 3_600_000

const anonymous: Throttle = { name: 'anon', spans: [{ max: 500, windowMs: hour }] }
const member: Throttle<unknown, SignedIn> = { name: 'user', spans: [{ max: 2_000, windowMs: hour }], key: ({ who }) => who.account.id }

/** Routes with the limits that hold whatever is asked: for strangers by address, for those who are signed in by account. */
export const withDefaultThrottles = (routes: readonly Route[]): readonly Route[] =>
  routes.map((one) => ({ ...one, throttles: [one.access ? member : anonymous, ...(one.throttles ?? [])] }))

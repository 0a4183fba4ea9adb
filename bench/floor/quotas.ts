import { app, sendsPerTenant } from '../contestant.js'
import { hidden } from './hmac.js'
import type { Counted, Window } from './windows.js'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const window = (max: number, windowMs: number): Window => ({ max, windowMs })

const opening = [window(3, 10 * minute)]
const cooldown = [window(1, 30 * second), window(2, 90 * second), window(3, 210 * second), window(4, 510 * second)]
const perPhone = [window(5, hour), window(10, day)]
const perClient = [window(10, hour), window(50, day)]
const perPrefix = [window(20, hour)]
const checks = [window(30, 5 * minute)]
const failures = [window(10, 15 * minute), window(20, day), window(50, 30 * day)]

/** The windows of each key of a send and of a guess, in the order that they have below. */
export const sendWindows = { o: opening, w: cooldown, p: perPhone, k: perClient, x: perPrefix, t: sendsPerTenant } as const
export const guessWindows = { f: failures, g: checks } as const

/** The limits of a send, as the library has them by default. */
export function quotasOfSend(phone: string, ip: string): readonly Counted[] {
  const hash = hidden('phone', phone)
  return [
    { key: `o${hash}${app.purpose}`, windows: opening },
    { key: `w${hash}`, windows: cooldown },
    { key: `p${hash}`, windows: perPhone },
    { key: `k${hidden('client', ip)}`, windows: perClient },
    { key: `x${hidden('prefix', phone.slice(0, -4))}`, windows: perPrefix },
    { key: 't', windows: sendsPerTenant },
  ]
}

/** The ledger of failures, and the guesses of a client. */
export const quotasOfGuess = (phone: string, ip: string): readonly [ledger: Counted, checks: Counted] => [
  { key: `f${hidden('phone', phone)}${app.purpose}`, windows: failures },
  { key: `g${hidden('client', ip)}`, windows: checks },
]

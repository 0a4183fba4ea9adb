import type { Reference } from './reference.js'
import { windowsMs } from './system.js'

/** In how many milliseconds a code, a challenge, a proof or a hit may end, soonest first: where a comparison may be off by one. */
export function boundariesOf({ now, challenges, proofs, hits }: Reference): readonly number[] {
  const codes = challenges.flatMap(({ codeEndsAt, endsAt }) => [codeEndsAt, endsAt, endsAt - 60_000])
  const freed = hits.times().flatMap((at) => windowsMs.map((windowMs) => at + windowMs))
  const ends = [...new Set([...codes, ...freed, ...proofs.map(({ expiresAt }) => expiresAt)])]
  return ends
    .map((at) => at - now())
    .filter((ms) => ms > 0)
    .sort((a, b) => a - b)
}

import { most, span, wellFormed } from './given.js'
import type { OneShot, Quota } from './store.js'

/** An array as Postgres reads it. Drivers make the same by a regular expression for each element. */
const list = (values: readonly number[]) => `{${values.join(',')}}`

const quoted = (value: string) => `"${/["\\]/.test(value) ? value.replace(/["\\]/g, '\\$&') : value}"`

/** Names as an array. */
export const nameList = (names: readonly string[]): string => `{${names.map((name) => quoted(wellFormed(name))).join(',')}}`

/** Of each quota the number of its key, its max and its window. */
export const quotaValues = (keys: readonly string[], quotas: readonly Quota[]): readonly [keys: string, quotas: string] => [
  nameList(keys),
  list(quotas.flatMap(({ key, max, windowMs }) => [keys.indexOf(key) + 1, most(max), span(windowMs)])),
]

export const shotValues = (shots: readonly OneShot[]): readonly [ids: string, ttls: string] => [
  nameList(shots.map(({ id }) => id)),
  list(shots.map(({ ttlMs }) => span(ttlMs))),
]

/** The hits of a call are found by the time it began at. What names no call of ours has no hits. */
export const hitValues = (hit: string | undefined): readonly [call: string | null, since: string | null] => {
  if (hit === undefined) return [null, null]
  const [, began = '0', call = ''] = /^(\d{1,15}):(.*)$/s.exec(hit) ?? []
  return [wellFormed(call), began]
}

/**
 * What a call locks, always in one order, so that no two calls wait for each other: 53 bits of each name, since what is locked need not be a
 * row yet. A record and a quota key of one name are two. Names that share a number wait for each other and lose nothing else. Every
 * version must reckon alike.
 */
export const lockValues = (ids: readonly string[], keys: readonly string[]): string =>
  list([...new Set([...ids.map((id) => numberOf(id, 1)), ...keys.map((key) => numberOf(key, 2))])].sort((a, b) => a - b))

/** Two sums of 32 bits, mixed as in MurmurHash3. */
function numberOf(name: string, seed: number): number {
  let high = 0xdeadbeef ^ seed
  let low = 0x41c6ce57 ^ seed
  for (let index = 0; index < name.length; index++) {
    const unit = name.charCodeAt(index)
    high = Math.imul(high ^ unit, 2654435761)
    low = Math.imul(low ^ unit, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return 4294967296 * (2097151 & low) + (high >>> 0)
}

/** What looks like no address is nobody's: all such requests share one limit. */
const unknown = 'unknown'

const addressLike = /^[\w.:%[\]-]{2,64}$/

/**
 * The address to limit by. Each trusted proxy appends the peer that it saw to `X-Forwarded-For`, so the visitor stands as many places from
 * the end as there are trusted proxies; whatever is further left is the visitor's own invention. With none trusted the header is not read.
 *
 * @param peer the other end of the connection, where it is known
 * @param forwardedFor the header `X-Forwarded-For`, several as one list
 * @param trustedProxies how many proxies of yours every request passes
 * @returns the address as it was written, or `unknown`, which is limited like any other
 */
export function clientAddress(peer: string | undefined, forwardedFor: string | undefined, trustedProxies: number): string {
  const hops = trustedProxies > 0 && forwardedFor !== undefined ? forwardedFor.split(',').slice(-trustedProxies) : []
  const path = [...hops.map((hop) => hop.trim()), peer ?? '']
  const address = path[path.length - 1 - trustedProxies] ?? ''
  return addressLike.test(address) ? address : unknown
}

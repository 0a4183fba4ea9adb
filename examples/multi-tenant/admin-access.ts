import { createHash, timingSafeEqual } from 'node:crypto'
import { bearerToken } from '../accounts/access.js'
import type { Access } from '../service/route.js'

const digestOf = (token: string) => createHash('sha256').update(token).digest()

/**
 * Whoever holds the administrator's token.
 *
 * @throws where it is short enough to be guessed
 */
export function adminAccess(token: string): Access<'admin'> {
  if (token.length < 32) throw new Error('set ADMIN_TOKEN to a random text of 32 characters or more')
  const own = digestOf(token)
  return {
    says: "The administrator's token",
    async admit(visitor) {
      const said = bearerToken(visitor)
      // Digests have one length, and are compared in constant time.
      return said !== undefined && timingSafeEqual(digestOf(said), own) ? { who: 'admin' } : { refused: 'unauthorized' }
    },
  }
}

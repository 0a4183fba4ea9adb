import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt)

const bytes = 32

/** Characters that look alike are one: what is typed on another keyboard is the same password (UAX #15, NIST 63B §5.1.1.2). */
const canonical = (password: string) => password.normalize('NFKC')

const work = (password: string, salt: Buffer, cost: number) =>
  derive(canonical(password), salt, bytes, { N: 2 ** cost, r: 8, p: 1, maxmem: 2 ** (cost + 11) })

/** How many hashes are made at the same time: each takes 128 MiB and a core. Whoever finds the queue full is told to come again. */
const [mostAtOnce, mostWaiting] = [2, 64]

export interface Passwords {
  /** `scrypt$<cost>$<salt>$<hash>`, what an account keeps (RFC 7914, r = 8, p = 1). */
  hash(password: string): Promise<string>
  /** Whether it is the password of this hash. Without a hash the answer is no, and takes as long. */
  matches(password: string, hash: string | undefined): Promise<boolean>
}

/** @param cost the work of one hash, as a power of two */
export function createPasswords(cost: number): Passwords {
  const nobodys = `scrypt$${cost}$${randomBytes(16).toString('base64url')}$${randomBytes(bytes).toString('base64url')}`
  const waiting: (() => void)[] = []
  let running = 0

  const inTurn = async <Result>(job: () => Promise<Result>): Promise<Result> => {
    if (waiting.length >= mostWaiting) throw Object.assign(new Error('too many passwords at once'), { code: 'EBUSY' })
    if (running < mostAtOnce) running += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await job()
    } finally {
      // Whoever waits takes this place over: given back first, it could be another's before it is taken.
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }

  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(16)
        return `scrypt$${cost}$${salt.toString('base64url')}$${(await work(password, salt, cost)).toString('base64url')}`
      }),
    matches: (password, hash) =>
      inTurn(async () => {
        const [, power = '', salt = '', kept = ''] = (hash ?? nobodys).split('$')
        const made = await work(password, Buffer.from(salt, 'base64url'), Number(power))
        const expected = Buffer.from(kept, 'base64url')
        return expected.length === made.length && timingSafeEqual(expected, made) && hash !== undefined
      }),
  }
}

import { TOTP } from 'otpauth'
import type { PhoneNumber } from 'phone-verify'
import { vi } from 'vitest'
import { type Account, insertAccount } from '../../examples/accounts/account.js'
import { createAuthenticators } from '../../examples/accounts/authenticators.js'
import { ownKey } from '../../examples/accounts/own-key.js'
import { createPasswords } from '../../examples/accounts/password.js'
import { createSecretSeal } from '../../examples/accounts/secret-seal.js'
import { drawSecret } from '../../examples/accounts/totp.js'
import { buildApp } from '../../examples/password-reset/app.js'
import type { Letter } from '../../examples/service/mail.js'
import type { Parts } from '../../examples/service/parts.js'
import type { Visitor } from './visitor.js'
import { startWorld, type World, type WorldOptions } from './world.js'

export const base = '/api/auth'
export const oldPassword = 'un vieux secret 1'
export const newPassword = 'un autre secret 2'
export const day = 24 * 3_600_000

export interface Person {
  readonly account: Account
  readonly phone: PhoneNumber
  /** What their authenticator shows. */
  totp(): string
}

export interface ResetWorld extends World {
  readonly letters: readonly Letter[]
  /** A number that nobody has. */
  freshPhone(): PhoneNumber
  person(is?: { readonly totp?: boolean; readonly inactive?: boolean; readonly verifiedDaysAgo?: number }): Promise<Person>
  /** Signs in, and says whether that went well. */
  signIn(visitor: Visitor, phone: string, password: string): Promise<{ readonly access: string; readonly refresh: string } | undefined>
  /** Asks for a code, from somewhere else where nobody is given, and waits for the text. */
  forget(phone: string, visitor?: Visitor): Promise<{ readonly session_token: string; readonly code: string }>
  /** The code of the newest text to this phone, once there are so many. */
  codeTo(phone: string, texts?: number): Promise<string>
}

/** An authenticator that somebody set up a step ago, and what it shows. */
async function addAuthenticator({ database, secrets, now }: Parts, accountId: string): Promise<() => string> {
  const authenticators = createAuthenticators(createSecretSeal(ownKey(secrets, 'authenticator')), now)
  const secret = drawSecret()
  const show = (stepsAgo = 0) => new TOTP({ secret }).generate({ timestamp: now() - stepsAgo * 30_000 })
  await authenticators.propose(database, accountId, secret, [])
  const match = await authenticators.match(database, accountId, 'waiting', show(1))
  if (match === undefined || !(await authenticators.activate(database, accountId, match)))
    throw new Error('the authenticator is not active')
  return () => show()
}

export async function startResetWorld(
  options: WorldOptions & { readonly over?: (parts: Parts) => Partial<Parts> } = {},
): Promise<ResetWorld> {
  const letters: Letter[] = []
  const build = (parts: Parts) =>
    buildApp({ ...parts, ...options.over?.(parts) }, { sendMail: async (letter) => void letters.push(letter) })
  const world = await startWorld(build, options)
  const { database, parts, carrier } = world
  const passwordHash = await createPasswords(parts.passwordCost).hash(oldPassword)
  let phones = 0

  // Each with another prefix: a limit counts by that.
  const freshPhone = () => `+336${1200 + phones++}1234` as PhoneNumber

  const codeTo = (phone: string, texts = 1) =>
    vi.waitFor(
      () => {
        const received = carrier.sms.filter(({ to, text }) => to === phone && /^\d{6}/.test(text))
        if (received.length < texts) throw new Error(`${received.length} texts of ${texts} came`)
        return received.at(-1)?.text.slice(0, 6) ?? ''
      },
      { timeout: 10_000, interval: 5 },
    )

  return {
    ...world,
    letters,
    freshPhone,
    codeTo,
    async person({ totp = false, inactive = false, verifiedDaysAgo = 1 } = {}) {
      const phone = freshPhone()
      const createdAt = new Date(parts.now() - verifiedDaysAgo * day)
      const email = `user${phones}@example.com`
      const account = await insertAccount(database, { phone, email, passwordHash, firstName: 'Mélanie', lastName: 'Quartzfeld', createdAt })
      if (account === undefined) throw new Error('the account is there already')
      if (inactive) await database.query('UPDATE account SET is_active = false WHERE id = $1', [account.id])
      const show = totp ? await addAuthenticator(parts, account.id) : () => ''
      return { account, phone, totp: show }
    },
    async signIn(visitor, phone, password) {
      const { status, body } = await visitor.post(`${base}/login/`, { phone, password })
      return status === 200 ? body.data.tokens : undefined
    },
    async forget(phone, visitor = world.visitor()) {
      const before = carrier.sms.filter(({ to, text }) => to === phone && /^\d{6}/.test(text)).length
      const { body } = await visitor.post(`${base}/password/forgot/`, { phone })
      return { session_token: body.data.session_token, code: await codeTo(phone, before + 1) }
    },
  }
}

/** Another code. */
export const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

export const typed = (password: string) => ({ new_password: password, new_password_confirm: password })

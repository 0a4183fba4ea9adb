import { type TOTP, URI } from 'otpauth'
import { expect } from 'vitest'
import type { Visitor } from './visitor.js'
import type { World } from './world.js'

export const password = 'Une phrase pas courante 9'

let people = 0

/** A French mobile number that nobody had yet, and whose neighbours share no limit with it. */
export const freshPhone = () => `+336${10_000_000 + ++people * 10_007}`

/** Somebody with an account, signed in, from an address of their own. */
export interface Person {
  readonly visitor: Visitor
  readonly email: string
  readonly id: number
  readonly refresh: string
}

/** Signs up. The visitor bears the access token. */
export async function newPerson(world: World, fields: object = {}): Promise<Person> {
  const visitor = world.visitor({ 'user-agent': 'a browser' })
  const email = `person${++people}@example.com`
  const names = { first_name: 'Ada', last_name: 'Byron' }
  const { status, body } = await visitor.post('/api/auth/signup/', { email, password, confirm_password: password, ...names, ...fields })
  expect(status).toBe(201)
  visitor.bear(body.tokens.access)
  return { visitor, email, id: body.user.id, refresh: body.tokens.refresh }
}

export interface Authenticator {
  readonly backupCodes: readonly string[]
  readonly secret: string
  /** What the app shows, so many steps from now. */
  code(steps?: number): string
  /** A code that nobody has seen: the clock moves by a step. */
  nextCode(): Promise<string>
}

/** Sets an authenticator up, and makes it a factor. */
export async function addAuthenticator(world: World, { visitor }: Pick<Person, 'visitor'>): Promise<Authenticator> {
  const setup = await visitor.post('/api/auth/2fa/setup/')
  expect(setup.status).toBe(200)
  const { totp_uri, backup_codes: backupCodes, secret_key: secret } = setup.body.setup_data
  const app = URI.parse(totp_uri) as TOTP
  const code = (steps = 0) => app.generate({ timestamp: world.parts.now() + steps * 30_000 })
  const verified = await visitor.post('/api/auth/2fa/verify-setup/', { code: code() })
  expect(verified.body).toEqual({ message: 'Authentification à deux facteurs activée avec succès.', verification_method: 'totp' })
  return {
    ...{ backupCodes, secret, code },
    async nextCode() {
      await world.advance(30_000)
      return code()
    },
  }
}

/** Verifies a phone, and makes it a factor. */
export async function addPhone(world: World, { visitor }: Pick<Person, 'visitor'>, phone = freshPhone()): Promise<string> {
  const sent = await visitor.post('/api/auth/2fa/sms/setup/', { phone })
  expect(sent.status).toBe(200)
  const code = world.carrier.lastCode(phone)
  const verified = await visitor.post('/api/auth/2fa/sms/verify-setup/', { code, session_token: sent.body.session_token })
  expect(verified.status).toBe(200)
  return phone
}

/** The first step, from a place of its own: the visitor bears the pre-login token, or where no factor is asked for the access token. */
export async function signIn(world: World, { email }: Pick<Person, 'email'>, visitor = world.visitor(), fields: object = {}) {
  visitor.bear(undefined)
  const { status, body } = await visitor.post('/api/auth/signin/', { email, password, ...fields })
  expect(status).toBe(200)
  visitor.bear(body.requires_2fa ? body.pre_login_token : body.tokens.access)
  return { visitor, body }
}

export const verifyLogin = (visitor: Visitor, fields: object) => visitor.post('/api/auth/2fa/verify-login/', fields)

/** Both steps: the visitor bears the access token. */
export async function signInFully(world: World, person: Pick<Person, 'email'>, app: Authenticator, fields: object = {}, from?: Visitor) {
  const { visitor } = await signIn(world, person, from)
  const reply = await verifyLogin(visitor, { code: await app.nextCode(), ...fields })
  expect(reply.status).toBe(200)
  visitor.bear(reply.body.tokens.access)
  return { visitor, reply }
}

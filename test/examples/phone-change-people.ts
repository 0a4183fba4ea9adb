import type { PhoneNumber } from 'phone-verify'
import { type Account, accountById, insertAccount } from '../../examples/accounts/account.js'
import { createPasswords } from '../../examples/accounts/password.js'
import { createSessions } from '../../examples/accounts/sessions.js'
import type { Reply, Visitor } from './visitor.js'
import type { World } from './world.js'

export const base = '/api/auth/phone/change'
export const password = 'une phrase de passe'

/** Somebody with an account, signed in. */
export interface Person {
  readonly id: string
  readonly phone: PhoneNumber
  readonly visitor: Visitor
  readonly access: string
}

/** People of one world, what they do, and everything they say or read that nobody else may. */
export function createPeople(world: World) {
  const secrets = new Set<string>([password])
  let phones = 0

  /** A mobile in Cameroon. The last four digits and the others change, so that no limit by prefix is met by chance. */
  const freshPhone = (): PhoneNumber => {
    phones += 1
    const phone = `+23767${1_000_000 + phones * 10_007}` as PhoneNumber
    secrets.add(phone)
    return phone
  }

  const signIn = async (phone: string): Promise<{ readonly visitor: Visitor; readonly access: string }> => {
    const visitor = world.visitor()
    const { body } = await visitor.post('/api/login/', { phone, password })
    const { access, refresh } = body.data.tokens
    visitor.bear(access)
    for (const token of [access, refresh]) secrets.add(token)
    return { visitor, access }
  }

  const newcomer = async (): Promise<Person> => {
    const phone = freshPhone()
    const passwordHash = await createPasswords(world.parts.passwordCost).hash(password)
    const account = { phone, email: null, passwordHash, firstName: 'Ada', lastName: 'Diallo', createdAt: new Date(world.parts.now()) }
    const inserted = await insertAccount(world.database, account)
    return { id: String(inserted?.id), phone, ...(await signIn(phone)) }
  }

  const request = async ({ visitor }: Pick<Person, 'visitor'>, new_phone: string, more: object = {}): Promise<Reply> => {
    const reply = await visitor.post(`${base}/request/`, { new_phone, password, ...more })
    if (reply.status === 202) secrets.add(reply.body.data.session_token)
    return reply
  }

  const codeTo = (phone: string): string => {
    const code = String(world.carrier.lastCode(phone))
    secrets.add(code)
    return code
  }

  const confirm = ({ visitor }: Pick<Person, 'visitor'>, session_token: string, code: string): Promise<Reply> =>
    visitor.post(`${base}/confirm/`, { session_token, code })

  /** A challenge that waits for its code: the token and the code. */
  const pending = async (person: Pick<Person, 'visitor'>, phone: string) => {
    const { body } = await request(person, phone)
    return { sessionToken: String(body.data.session_token), code: codeTo(phone) }
  }

  const changeTo = async (person: Person, phone: string): Promise<Reply> => {
    const { sessionToken, code } = await pending(person, phone)
    return confirm(person, sessionToken, code)
  }

  const textsTo = (phone: string): readonly string[] => world.carrier.sms.filter(({ to }) => to === phone).map(({ text }) => text)

  /** What stands behind the # of the newest link that this number got. */
  const undoTokenTo = (phone: string): string => {
    const token = String(
      textsTo(phone)
        .findLast((text) => text.includes('#'))
        ?.match(/\/phone\/undo#(\S+)$/)?.[1],
    )
    secrets.add(token)
    return token
  }

  const undo = (token: string, visitor = world.visitor()): Promise<Reply> => visitor.post(`${base}/undo/`, { token })

  const accountOf = async ({ id }: Pick<Person, 'id'>): Promise<Account> => {
    const account = await accountById(world.database, id)
    if (account === undefined) throw new Error('no such account')
    return account
  }

  const sessionOf = async ({ access }: Pick<Person, 'access'>): Promise<string> =>
    String((await createSessions(world.parts).signedIn(access))?.sessionId)

  const changesOf = ({ id }: Pick<Person, 'id'>) =>
    world.database.query<{ readonly old_phone: string; readonly new_phone: string; readonly outcome: string | null }>(
      `SELECT old_phone, new_phone, outcome FROM phone_change LEFT JOIN phone_change_undo ON change_id = id
       WHERE account_id = $1 ORDER BY changed_at`,
      [id],
    )

  /** Which of the secrets stand in a log line: never one. */
  const leaks = (): readonly string[] => {
    const log = world.logged.join('')
    return [...secrets].filter((secret) => {
      const plain = secret.replace('+', '')
      return /^\d{6}$/.test(plain) ? new RegExp(`(?<![\\d.])${plain}(?!\\d)`).test(log) : log.includes(plain)
    })
  }

  return {
    ...{ freshPhone, signIn, newcomer, request, codeTo, confirm, pending, changeTo, textsTo, undoTokenTo, undo, accountOf, changesOf },
    ...{ sessionOf, leaks, secrets },
  }
}

export type People = ReturnType<typeof createPeople>

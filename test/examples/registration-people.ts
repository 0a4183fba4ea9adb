import { randomInt } from 'node:crypto'
import type { PhoneNumber } from 'phone-verify'
import { allowNumber } from '../../examples/registration/allow-list/list.js'
import type { Reply, Visitor } from './visitor.js'
import type { World } from './world.js'

let numbers = 0

/** A number of Cameroon that no test has used. The library counts numbers that differ in the last four digits together, so these do not. */
export function freshPhone(): PhoneNumber {
  numbers += 1
  return `+2376${70 + (Math.floor(numbers / 100) % 10)}${String(numbers % 100).padStart(2, '0')}${randomInt(1_000, 9_999)}` as PhoneNumber
}

export const password = 'Motdepasse123!'

/** What somebody types to register. */
export const form = (phone: string, said: object = {}) => ({
  ...{ phone, first_name: 'John', last_name: 'Doe', password, password_confirm: password },
  ...{ email: 'john@example.com', address: '123 Main St, Port Moresby', apartment_name: 'A1' },
  ...said,
})

/** What people do with the app, in as few words as a test needs. */
export function createPeople(world: World) {
  const allow = async (phone: PhoneNumber, isActive = true) => {
    const change = { actor: { accountId: null, name: 'test' }, at: new Date(world.parts.now()) }
    await world.database.transaction((transaction) => allowNumber(transaction, { phone, notes: '', isActive }, change))
  }
  const register = async (visitor: Visitor, phone: PhoneNumber, said: object = {}): Promise<Reply> => {
    await allow(phone)
    return visitor.post('/api/register/', form(phone, said))
  }
  const codeOf = (phone: string) => world.carrier.lastCode(phone) ?? 'none'
  const activation = (phone: string, registered: Reply, code = codeOf(phone)) => ({
    ...{ phone, code, session_token: registered.body.data.session_token },
  })
  /** Somebody with an account who is signed in. */
  const member = async (phone = freshPhone(), said: object = {}) => {
    const visitor = world.visitor()
    const registered = await register(visitor, phone, said)
    const activated = await visitor.post('/api/activate/', activation(phone, registered))
    const signedIn = await visitor.post('/api/login/', { phone, password })
    const { access, refresh } = signedIn.body.data.tokens
    visitor.bear(access)
    return { phone, visitor, registered, activated, signedIn, access: access as string, refresh: refresh as string }
  }
  const admin = async () => {
    const someone = await member(freshPhone(), { first_name: 'Admin', last_name: 'User' })
    await world.database.query('UPDATE account SET is_staff = true WHERE phone = $1', [someone.phone])
    return someone
  }
  /** How often the verifier decided so. */
  const decided = (type: string, outcome: string) =>
    world.logged.map((line) => JSON.parse(line)).filter((line) => line.type === type && line.outcome === outcome).length
  const accountsOf = async (phone: string) => (await world.database.query('SELECT 1 FROM account WHERE phone = $1', [phone])).length

  return { allow, register, codeOf, activation, member, admin, decided, accountsOf }
}

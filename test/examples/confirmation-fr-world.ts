import type { PhoneNumber } from 'phone-verify'
import { expect, vi } from 'vitest'
import { type Account, insertAccount } from '../../examples/accounts/account.js'
import { createPasswords } from '../../examples/accounts/password.js'
import { buildApp } from '../../examples/confirmation-fr/app.js'
import type { Visitor } from './visitor.js'
import { startWorld, type World, type WorldOptions } from './world.js'

export const base = '/api/v1/authentification'
export const password = 'un vieux secret 1'
export const newPassword = 'un autre secret 2'
export const minute = 60_000
export const day = 24 * 60 * minute

/** Another code. */
export const wrong = (code: string) => String((Number(code) + 1) % 100_000).padStart(5, '0')

export interface ConfirmationWorld extends World {
  /** A number of Chad that nobody has, as it is typed there; every one has a prefix of its own, for a limit counts by that. */
  fresh(): string
  person(is?: { readonly verifiedDaysAgo?: number }): Promise<{ readonly telephone: string; readonly account: Account }>
  textsTo(telephone: string): readonly string[]
  /** Asks for a confirmation code, and reads it from the phone. */
  send(visitor: Visitor, telephone: string): Promise<string>
  /** Asks for a reset code, whose text leaves after the reply. */
  askReset(visitor: Visitor, telephone: string): Promise<string>
  /** Gives the password, and reads the code of the second step. */
  begin(visitor: Visitor, telephone: string): Promise<string>
}

export async function startConfirmationWorld(options: WorldOptions = {}): Promise<ConfirmationWorld> {
  const world = await startWorld(buildApp, options)
  const { database, parts, carrier } = world
  const passwordHash = await createPasswords(parts.passwordCost).hash(password)
  let phones = 0
  const international = (telephone: string) => `+235${telephone}` as PhoneNumber
  const fresh = () => `9${100 + phones++}0725`
  const textsTo = (telephone: string) => carrier.sms.filter(({ to }) => to === international(telephone)).map(({ text }) => text)
  const lastCode = (telephone: string) => carrier.lastCode(international(telephone)) ?? ''

  return {
    ...world,
    fresh,
    textsTo,
    async person({ verifiedDaysAgo = 1 } = {}) {
      const telephone = fresh()
      const createdAt = new Date(parts.now() - verifiedDaysAgo * day)
      const names = { firstName: 'Mélanie', lastName: 'Quartzfeld' }
      const account = await insertAccount(database, { phone: international(telephone), email: null, passwordHash, ...names, createdAt })
      if (account === undefined) throw new Error('the account is there already')
      return { telephone, account }
    },
    async send(visitor, telephone) {
      expect((await visitor.post(`${base}/envoyer-code-confirmation/`, { telephone, prenom: 'Jean-luc' })).status).toBe(200)
      return lastCode(telephone)
    },
    async askReset(visitor, telephone) {
      const before = textsTo(telephone).length
      expect((await visitor.post(`${base}/demander-reinitialisation-mdp/`, { telephone })).status).toBe(200)
      await vi.waitFor(() => expect(textsTo(telephone).length).toBe(before + 1), { timeout: 10_000, interval: 5 })
      return lastCode(telephone)
    },
    async begin(visitor, telephone) {
      expect((await visitor.post(`${base}/activer-2fa-connexion/`, { telephone, mot_de_passe: password })).status).toBe(200)
      return lastCode(telephone)
    },
  }
}

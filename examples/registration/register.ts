import { randomUUID } from 'node:crypto'
import type { PhoneVerifier } from 'phone-verify'
import { z } from 'zod'
import type { Passwords } from '../accounts/password.js'
import { passwordProblems } from '../accounts/password-policy.js'
import { success } from '../service/envelope.js'
import type { Parts } from '../service/parts.js'
import { type Route, route } from '../service/route.js'
import type { Admits } from './allow-list/list.js'
import { keepPending, takePending } from './pending.js'
import { personFields } from './person.js'
import { phoneField } from './phone-field.js'
import { phoneRefusal, registrationRefusal } from './registration-refusal.js'
import { describeSent, sendActivation } from './send-activation.js'
import { sentences } from './sentences.js'

export interface RegisterParts {
  readonly parts: Pick<Parts, 'database' | 'now'>
  readonly verifier: Pick<PhoneVerifier, 'sendCode'>
  readonly passwords: Passwords
  readonly admits: Admits
}

const password = z.string({ error: 'required' }).min(1, 'required').max(1_024, 'password_too_long')

const registration = z
  .object({ phone: phoneField, ...personFields, password, password_confirm: password })
  .superRefine((typed, { addIssue }) => {
    const { first_name: firstName, last_name: lastName, email, phone } = typed
    const problems = passwordProblems(typed.password, { firstName, lastName, email, phone })
    for (const message of problems) addIssue({ code: 'custom', path: ['password'], message })
    if (typed.password !== typed.password_confirm) addIssue({ code: 'custom', path: ['password_confirm'], message: 'password_mismatch' })
  })

/**
 * Keeps what was typed, and sends a code to the number. Nobody is asked whether the number has an account: it is not proven to be this
 * visitor's, so the answer would tell a stranger.
 */
export const registerRoute = (base: `/${string}`, { parts, verifier, passwords, admits }: RegisterParts): Route =>
  route({
    method: 'POST',
    path: `${base}/register/`,
    summary: 'Begins a registration, and sends an activation code',
    body: registration,
    throttles: [{ name: 'register', spans: [{ max: 10, windowMs: 60_000 }] }],
    replies: { 201: 'A code was sent; it activates with the session token', 400: 'A field is wrong, or the number may not register' },
    async answer({ body, ip, language }) {
      const { database, now } = parts
      // Before the password is hashed, which is what costs.
      if (!(await admits(database, body.phone))) return phoneRefusal(language, 'not_allowed')
      const pending = {
        ...{ id: randomUUID(), phone: body.phone, passwordHash: await passwords.hash(body.password) },
        ...{ firstName: body.first_name, lastName: body.last_name, email: body.email ?? null },
        ...{ address: body.address ?? null, apartmentName: body.apartment_name ?? null },
      }
      // Kept before the code leaves: no code arrives that activates nothing.
      await keepPending(database, pending, now())
      let isSent = false
      try {
        const sent = await sendActivation(verifier, pending, { ip, language })
        isSent = sent.ok
        return sent.ok ? success(201, sentences.registered[language], describeSent(pending.id, sent)) : registrationRefusal(sent, language)
      } finally {
        if (!isSent) await takePending(database, pending.id, now())
      }
    },
  })

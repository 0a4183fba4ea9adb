import { appendFileSync } from 'node:fs'
import { createPhoneVerifier, PhoneVerifyError, type SmsBackend, type Store } from 'phone-verify'
import { wrong } from '../fixtures/rig.js'
import type { Job } from '../fixtures/worker-pool.js'
import { applicationOptions, openPlace, type Somewhere } from './doomed-place.js'

/** What a process wrote down before it died: a file outlives a SIGKILL, and each line is there before the next step begins. */
export type Line =
  | { readonly at: string }
  | { readonly sms: { readonly to: string; readonly code: string } }
  | { readonly granted: string }
  | { readonly token: string; readonly of: 'first' | 'deferred' }
  | { readonly proof: string }

/** Whose phones a visit is about: nobody else's. */
export interface Cast {
  readonly tenant: string
  readonly first: string
  readonly deferred: string
  readonly notified: string
  readonly failing: string
}

/** The whole flow, in a process that dies at a point of it; without a point, to its end. */
export async function doomedVisit(place: Somewhere, cast: Cast, log: string, point?: string): Promise<Job<'survived'>> {
  const { store, end } = openPlace(place)
  const write = (line: Line) => appendFileSync(log, `${JSON.stringify(line)}\n`)
  let step = ''
  const pass = (when: 'before' | 'after', what: string) => {
    const at = `${step}: ${when} ${what}`
    write({ at })
    if (at === point) process.kill(process.pid, 'SIGKILL')
  }

  const around =
    (verb: 'open' | 'renew' | 'attempt' | 'close' | 'release') =>
    async (...given: never[]): Promise<never> => {
      pass('before', verb)
      const answer = await (store[verb] as (...all: never[]) => Promise<never>)(...given)
      if ((answer as { readonly status?: string } | undefined)?.status === 'granted') write({ granted: String(given[0]) })
      pass('after', verb)
      return answer
    }
  const mortal = Object.fromEntries((['open', 'renew', 'attempt', 'close', 'release'] as const).map((verb) => [verb, around(verb)]))

  let newest = ''
  let isDown = false
  const sms: SmsBackend = {
    name: 'phone',
    async send({ to, code = '' }) {
      pass('before', 'sms')
      if (isDown) throw new PhoneVerifyError('ERR_PV_SMS_UNAVAILABLE', 'phone: away', { backend: 'phone' })
      write({ sms: { to, code } })
      newest = code
      pass('after', 'sms')
      return { backend: 'phone', messageId: null }
    },
  }
  const verifier = createPhoneVerifier({ ...applicationOptions, store: { reach: 'shared', ...mortal } as Store, sms })
  const { tenant } = cast
  const begin = (name: string) => {
    step = name
  }

  const go = async () => {
    begin('send')
    const asked = { phone: cast.first, purpose: 'login', tenant, idempotencyKey: 'first' }
    const sent = await verifier.sendCode(asked)
    if (!sent.ok) throw new Error(`send: ${sent.reason}`)
    write({ token: sent.sessionToken, of: 'first' })
    begin('repeat')
    await verifier.sendCode(asked)
    begin('resend')
    const { sessionToken } = sent
    await verifier.resendCode({ sessionToken, tenant })
    const code = newest
    begin('wrong guess')
    await verifier.verifyCode({ sessionToken, code: wrong(code), purpose: 'login', tenant })
    begin('right guess')
    const verified = await verifier.verifyCode({ sessionToken, code, purpose: 'login', tenant })
    if (!verified.ok) throw new Error(`verify: ${verified.reason}`)
    write({ proof: verified.proof })
    begin('redeem')
    await verifier.redeemProof({ proof: verified.proof, purpose: 'login', tenant })

    begin('deferred send')
    const pending = await verifier.sendCode({ phone: cast.deferred, purpose: 'registration', tenant })
    if (!pending.ok) throw new Error(`deferred send: ${pending.reason}`)
    write({ token: pending.sessionToken, of: 'deferred' })
    begin('deferred resend')
    const renewed = await verifier.resendCode({ sessionToken: pending.sessionToken, tenant })
    if (!renewed.ok) throw new Error(`deferred resend: ${renewed.reason}`)
    write({ token: renewed.sessionToken, of: 'deferred' })
    begin('deliver')
    await verifier.deliver(renewed.sessionToken)

    begin('notify')
    await verifier.notify({ phone: cast.notified, template: 'password_changed', tenant })

    begin('send that fails')
    const failing = { phone: cast.failing, purpose: 'login', tenant, idempotencyKey: 'failing' }
    isDown = true
    await verifier.sendCode(failing).catch(() => {})
    begin('send anew')
    isDown = false
    await verifier.sendCode(failing)
    return 'survived' as const
  }
  return { go, end }
}

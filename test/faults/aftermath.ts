import { createPhoneVerifier } from 'phone-verify'
import { wrong } from '../fixtures/rig.js'
import { applicationOptions, openPlace, room, type Somewhere } from './doomed-place.js'
import type { Cast, Line } from './doomed-visit.js'
import { nameOf } from './visits.js'

/** Everything that is wrong after a process died; empty when nothing is. A fresh process looks, by what the dead one wrote down. */
export async function aftermath(place: Somewhere, cast: Cast, lines: readonly Line[]): Promise<readonly string[]> {
  const { store, end } = openPlace(place)
  const sent: { to: string; code: string }[] = lines.flatMap((line) => ('sms' in line ? [line.sms] : []))
  const before = sent.length
  const verifier = createPhoneVerifier({
    ...{ ...applicationOptions, store },
    sms: {
      name: 'phone',
      async send({ to, code = '' }) {
        sent.push({ to, code })
        return { backend: 'phone', messageId: null }
      },
    },
  })
  const faults: string[] = []
  const must = (holds: boolean, fault: string) => void (holds || faults.push(fault))
  const reached = (point: string) => lines.some((line) => 'at' in line && line.at === point)
  const { tenant } = cast
  const to = (phone: string) => sent.filter((one) => one.to === phone)
  const verify = (sessionToken: string, code: string, purpose: string) => verifier.verifyCode({ sessionToken, code, purpose, tenant })
  const redeems = (proof: string) => nameOf(verifier.redeemProof({ proof, purpose: 'login', tenant }))

  /** The code of an SMS opens its challenge, once. */
  const opensOnce = async (token: string, code: string, purpose: string, what: string) => {
    const first = await verify(token, code, purpose)
    must(first.ok, `${what}: the store does not know the code of an SMS (${first.ok || first.reason})`)
    must(!(await verify(token, code, purpose)).ok, `${what}: its code opened twice`)
    if (!first.ok) return
    const proofs = [await redeems(first.proof), await redeems(first.proof)]
    if (purpose === 'login') must(proofs.join() === 'ok,already_redeemed', `${what}: its proof came to ${proofs}`)
  }
  /** The token of a send, also where its caller died before it had one: a repeat of the key answers with the same challenge. */
  const tokenOf = async (phone: string, idempotencyKey: string) => {
    const had = to(phone).length
    const again = await verifier.sendCode({ phone, purpose: 'login', tenant, idempotencyKey })
    must(again.ok, `${idempotencyKey}: its repeat was refused`)
    must(had === 0 || to(phone).length === had, `${idempotencyKey}: its repeat sent another SMS`)
    return again.ok ? again.sessionToken : ''
  }

  // The counters of sends, before this process sends anything of its own.
  const counter = async (phone: string, limit: string) => {
    const counted = await verifier.sendCode({ phone, purpose: 'counting', tenant })
    const left = counted.ok ? counted.limits.find((one) => one.limit === limit)?.remaining : 0
    return room - (left ?? room) - 1
  }
  const perPhone = await counter(cast.first, 'sendsPerPhone')
  must(perPhone >= to(cast.first).length - 1, `${perPhone} counted sends to a phone with ${to(cast.first).length - 1} SMS`)
  const perTenant = await counter(cast.notified, 'sendsPerTenant')
  must(perTenant >= sent.length - 1, `${perTenant} counted sends of a tenant with ${sent.length - 1} SMS`)
  sent.length = before

  const token = await tokenOf(cast.first, 'first')
  // Recorded and never sent: that may be lost. Nobody has its code.
  const code = to(cast.first).at(-1)?.code
  if (code === undefined) {
    must(reached('send: after open') && !reached('send: after sms'), 'a send that was not recorded was not made by its repeat')
  } else if (reached('right guess: after close')) {
    must(!(await verify(token, code, 'login')).ok, 'a consumed code was accepted')
  } else {
    const guesses = lines.filter((line) => 'granted' in line).length
    const guess = await verify(token, wrong(code), 'login')
    const left = !guess.ok && guess.reason === 'incorrect_code' ? guess.attemptsLeft : -1
    must(left >= 0 && applicationOptions.maxAttempts - left - 1 >= guesses, `${left} attempts left after ${guesses} guesses and one more`)
    await opensOnce(token, code, 'login', 'first')
  }
  const proof = lines.flatMap((line) => ('proof' in line ? [line.proof] : []))[0]
  if (proof !== undefined) {
    const outcome = [await redeems(proof), await redeems(proof)]
    const expected = reached('redeem: after close') ? 'already_redeemed,already_redeemed' : 'ok,already_redeemed'
    must(outcome.join() === expected, `the proof came to ${outcome}, not ${expected}`)
  }

  const pending = lines.findLast((line) => 'of' in line && line.of === 'deferred')
  if (pending !== undefined && 'token' in pending) {
    let job = pending.token
    if (reached('deferred resend: after close') && !reached('deliver: before close')) {
      // The resend had taken over when its caller died, whose token is nobody's: the older one delivers nothing, another resend does.
      const again = await verifier.resendCode({ sessionToken: job, tenant })
      must(again.ok, 'a resend that was cut off cannot be made again')
      if (again.ok) job = again.sessionToken
    }
    for (let worker = 0; worker < 2; worker++) for (const each of [pending.token, job]) await verifier.deliver(each)
    const arrived = to(cast.deferred)
    must(arrived.length <= 1, `a deferred send was delivered ${arrived.length} times`)
    must(arrived.length === 1 || reached('deliver: after close'), 'a deferred send that nobody had begun was not delivered')
    if (arrived[0] !== undefined) await opensOnce(pending.token, arrived[0].code, 'registration', 'deferred')
  }

  const tried = await tokenOf(cast.failing, 'failing')
  const arrived = to(cast.failing)
  must(arrived.length <= 1, `a send that was tried anew sent ${arrived.length} SMS`)
  if (arrived[0] !== undefined) await opensOnce(tried, arrived[0].code, 'login', 'failing')
  await verifier.close()
  await end()
  return faults
}

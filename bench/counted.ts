import { createPhoneVerifier, type Store } from 'phone-verify'
import { wrong } from './batch.js'
import { app, expect } from './contestant.js'
import { visits } from './visits.js'

/** How many commands each step is promised to send. */
export const promised = { send: 1, 'wrong guess': 1, 'right guess': 2, resend: 1, redeem: 1 } as const

export type Step = keyof typeof promised

/** Each try by somebody else. Other work on the server only adds to what it counts: the least of the tries is nearest to the truth. */
export const tries = 15

export const steps = Object.keys(promised) as Step[]

const people = visits(tries + 1)

/** Everything one person can ask of a verifier; the cooldown is off, or nobody could resend at once. */
async function person(store: Store) {
  const { purpose } = app
  let code = ''
  const verifier = createPhoneVerifier({
    store,
    sms: {
      name: 'bench',
      async send(message) {
        code = message.code ?? ''
        return { backend: 'bench', messageId: null }
      },
    },
    secret: app.secret,
    appName: app.name,
    countries: app.countries,
    limits: { sendsPerPhone: [{ max: 5, windowMs: 3_600_000 }] },
  })
  await verifier.ready()
  let sessionToken = ''
  let proof = ''

  return async (step: Step, index: number): Promise<void> => {
    const { phone, ip } = people[index] as { phone: string; ip: string }
    const client = { ip }
    if (step === 'send' || step === 'resend') {
      const sent =
        step === 'send' ? await verifier.sendCode({ phone, purpose, client }) : await verifier.resendCode({ sessionToken, client })
      expect(sent.ok, step, sent)
      sessionToken = sent.sessionToken
    } else if (step === 'redeem') {
      const redeemed = await verifier.redeemProof({ proof, purpose })
      expect(redeemed.ok, step, redeemed)
    } else {
      const guess = step === 'right guess' ? code : wrong(code)
      const checked = await verifier.verifyCode({ sessionToken, code: guess, purpose, client })
      expect(checked.ok === (step === 'right guess'), step, checked)
      if (checked.ok) proof = checked.proof
    }
  }
}

/** A right guess ends a challenge, so it comes after the resend. */
const order: readonly Step[] = ['send', 'wrong guess', 'resend', 'right guess', 'redeem']

const between = (before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(after).map(([name, figure]) => [name, figure - (before[name] ?? 0)]))

/** What the client sent and what the server says it did, by each step; and what it did for others while nothing was asked of it. */
export async function count(store: Store, sent: () => number, told: () => Promise<Readonly<Record<string, number>>>) {
  const act = await person(store)
  // The first of all may have to send a script whole.
  for (const step of order) await act(step, tries)
  const byStep = new Map<Step, { client: number[]; server: Record<string, number>[] }>(
    steps.map((step) => [step, { client: [], server: [] }]),
  )
  const idle: Record<string, number>[] = []
  for (let index = 0; index < tries; index++) {
    const [one, other] = [await told(), await told()]
    idle.push(between(one, other))
    for (const step of order) {
      const [before, sentBefore] = [await told(), sent()]
      await act(step, index)
      const sentNow = sent() - sentBefore
      const after = await told()
      byStep.get(step)?.client.push(sentNow)
      byStep.get(step)?.server.push(between(before, after))
    }
  }
  const least = (step: Step, sum: (delta: Readonly<Record<string, number>>) => number) =>
    Math.min(...(byStep.get(step)?.server ?? []).map(sum))
  return { client: (step: Step) => byStep.get(step)?.client ?? [], least, idle }
}

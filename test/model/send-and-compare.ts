import assert from 'node:assert/strict'
import type { Circumstances } from './given.js'
import type { Asked, Challenge, Reference } from './reference.js'
import type { System } from './system.js'

/** What a call answers; the token and the proof apart, which are opaque. */
export async function settle(call: Promise<object>): Promise<{ outcome: object; sessionToken?: string; proof?: string }> {
  try {
    const { sessionToken, proof, ...outcome } = (await call) as { sessionToken?: string; proof?: string }
    return { outcome, ...(sessionToken !== undefined && { sessionToken }), ...(proof !== undefined && { proof }) }
  } catch (error) {
    return { outcome: { throws: (error as { readonly code?: string }).code ?? error } }
  }
}

/** A send or a resend under these circumstances: its outcome in full, how many SMS arrived, whose phone they reached and what they said. */
export async function sendAndCompare(
  { who, admission, sms, arrives }: Circumstances,
  { model, real }: { readonly model: Reference; readonly real: System },
  call: () => Promise<object>,
  expect: (asked: Asked) => object,
): Promise<void> {
  const before = real.outbox.messages.length
  real.admission = admission
  if (sms !== 'accepted') real.carrier.fail(sms, 1, { sent: arrives })
  const { outcome, sessionToken } = await settle(call())
  real.carrier.recover()
  const expected = expect({ client: who.counted, admitted: admission === 'yes', sms })
  assert.deepStrictEqual(outcome, expected)

  const isAccepted = 'ok' in expected && expected.ok === true
  const messages = real.outbox.messages.slice(before)
  assert.equal(messages.length, isAccepted && (sms === 'accepted' || arrives) ? 1 : 0, 'SMS that arrived')
  assert.equal(sessionToken !== undefined, isAccepted)
  if (sessionToken === undefined) return
  real.tokens.push(sessionToken)
  const { challenge } = model.tokens.at(-1) as Reference['tokens'][number]
  for (const message of messages) read(message, challenge, real)
}

/** The person reads the SMS: now they know the code. */
function read({ to, text, code = '' }: System['outbox']['messages'][number], challenge: Challenge, { codes }: System): void {
  const earlier = codes.get(challenge) ?? []
  assert.equal(to, challenge.phone)
  assert.equal(code.length, challenge.rules.codeLength)
  for (const part of [code, ...Object.values(challenge.payload ?? {})]) assert.ok(text.includes(part), 'the text says what it approves')
  const isRepeated = earlier.includes(code)
  if (earlier.length > 0) assert.equal(isRepeated, challenge.rules.resend === 'same', 'whether a resend repeats the code')
  codes.set(challenge, [...earlier, code])
  challenge.code = code
}

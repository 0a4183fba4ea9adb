import { afterAll, beforeAll, expect, test } from 'vitest'
import { answer } from '../../fixtures/carrier/faults.js'
import { twilioError } from '../../fixtures/carrier/twilio-api.js'
import { base, type ConfirmationWorld, newPassword, password, startConfirmationWorld, wrong } from '../confirmation-fr-world.js'

let world: ConfirmationWorld

beforeAll(async () => {
  world = await startConfirmationWorld()
}, 120_000)
afterAll(() => world?.close())

interface Line {
  readonly action: string
  readonly outcome: string
  readonly phone_key: string
  readonly ip_key: string
}

const lines = () => world.database.query<Line>('SELECT action, outcome, phone_key, ip_key FROM confirmation_audit ORDER BY id')

test('every request and its end are written down, and neither audit nor log holds a number, a code, a token or a password', async () => {
  const secrets = new Set([password, newPassword])
  const visitor = world.visitor()
  const { telephone } = await world.person()
  const note = (...texts: readonly string[]) => {
    for (const text of [...texts, ...visitor.cookies.values()]) secrets.add(text)
  }
  const code = await world.send(visitor, telephone)
  note(telephone, code)
  await visitor.post(`${base}/verifier-code-confirmation/`, { telephone, code: wrong(code) })
  await visitor.post(`${base}/verifier-code-confirmation/`, { telephone, code })
  const resetCode = await world.askReset(visitor, telephone)
  note(resetCode)
  await visitor.post(`${base}/confirmer-reinitialisation-mdp/`, { telephone, code: wrong(resetCode), nouveau_mdp: newPassword })
  const signInCode = await world.begin(visitor, telephone)
  note(signInCode)
  const { body } = await visitor.post(`${base}/verifier-2fa-connexion/`, { telephone, code: signInCode })
  note(body.tokens.access, body.tokens.refresh)
  world.carrier.misbehave(answer(twilioError(20429, 429)))
  await visitor.post(`${base}/envoyer-code-confirmation/`, { telephone })
  world.carrier.behave()

  const written = await lines()
  expect(written.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
    ...['send asked', 'send ok', 'verify asked', 'verify incorrect_code', 'verify asked', 'verify ok'],
    ...['reset_request asked', 'reset_request ok', 'reset_confirm asked', 'reset_confirm incorrect_code'],
    ...['sign_in_send asked', 'sign_in_send ok', 'sign_in_verify asked', 'sign_in_verify ok'],
    ...['send asked', 'send ERR_PV_SMS_UNAVAILABLE'],
  ])
  // One person at one address, told apart from others without being named.
  expect(new Set(written.map(({ phone_key }) => phone_key)).size).toBe(1)
  expect(new Set(written.map(({ ip_key }) => ip_key)).size).toBe(1)

  const everything = [...written.flatMap(({ phone_key, ip_key }) => [phone_key, ip_key]), ...world.logged].join('\n')
  expect(secrets.size).toBeGreaterThan(9)
  // A digest or a time may hold five digits by chance; the code as a word of its own may not stand anywhere.
  for (const secret of secrets) expect(everything).not.toMatch(new RegExp(`(?<![\\w.:-])${secret.replace(/[.+]/g, '\\$&')}(?![\\w-])`))
  expect(everything).not.toContain(telephone)
  expect(everything).not.toContain('10.0.')
})

test('no line is changed or taken away', async () => {
  await world.send(world.visitor(), world.fresh())
  for (const sql of ["UPDATE confirmation_audit SET outcome = 'ok'", 'DELETE FROM confirmation_audit', 'TRUNCATE confirmation_audit']) {
    await expect(world.database.query(sql)).rejects.toThrow('append-only')
  }
})

test('what cannot be written down is not done', async () => {
  const telephone = world.fresh()
  await world.database.run('ALTER TABLE confirmation_audit RENAME TO away')
  const refused = await world.visitor().post(`${base}/envoyer-code-confirmation/`, { telephone })
  await world.database.run('ALTER TABLE away RENAME TO confirmation_audit')
  expect(refused.status).toBe(500)
  expect(world.textsTo(telephone)).toEqual([])
})

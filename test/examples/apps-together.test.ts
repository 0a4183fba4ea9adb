import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { buildApp as buildPasswordReset } from '../../examples/password-reset/app.js'
import type { Parts } from '../../examples/service/parts.js'
import type { Service } from '../../examples/service/run-service.js'
import { buildApp as buildTwoFactor } from '../../examples/two-factor/app.js'
import { addAuthenticator, addPhone, newPerson, signIn, verifyLogin } from './two-factor-person.js'
import { startWorld, type World } from './world.js'

const resetPath = '/reset'

/** Both apps in one process and on one database: the reset below a path of its own. */
async function buildBoth(parts: Parts): Promise<Service> {
  const reset = await buildPasswordReset(parts)
  const twoFactor = await buildTwoFactor(parts)
  return {
    listener(request, response) {
      const isReset = request.url?.startsWith(resetPath)
      if (isReset) request.url = request.url?.slice(resetPath.length)
      return (isReset ? reset : twoFactor).listener(request, response)
    },
    async close() {
      await twoFactor.close()
      await reset.close()
    },
  }
}

describe('two-factor and password-reset on one database', () => {
  let world: World
  beforeAll(async () => {
    world = await startWorld(buildBoth)
  }, 120_000)
  afterAll(() => world?.close())

  /** The code of a reset, once it is there. */
  const codeTo = (phone: string, before: number) =>
    vi.waitFor(
      () => {
        const texts = world.carrier.sms.filter(({ to }) => to === phone)
        if (texts.length === before) throw new Error('no text came')
        return /\d{6}/.exec(texts.at(-1)?.text ?? '')?.[0] ?? ''
      },
      { timeout: 10_000, interval: 5 },
    )

  test('a phone alone resets no password of an account that has an authenticator; its code is needed, and is good once for both apps', async () => {
    const person = await newPerson(world)
    const phone = await addPhone(world, person)
    // Another factor may be added by whoever gave one lately: nobody's session is older than this test.
    await world.advance(60_000)
    const again = await signIn(world, person)
    const before = world.carrier.sms.filter(({ to }) => to === phone).length
    const sms = await again.visitor.post('/api/auth/2fa/sms/send/')
    const code = await codeTo(phone, before)
    const signedIn = await verifyLogin(again.visitor, { code, session_token: sms.body.session_token })
    expect(signedIn.status).toBe(200)
    again.visitor.bear(signedIn.body.tokens.access)
    const app = await addAuthenticator(world, again)

    const visitor = world.visitor()
    const sent = world.carrier.sms.filter(({ to }) => to === phone).length
    await world.advance(60_000)
    const forgot = await visitor.post(`${resetPath}/api/auth/password/forgot/`, { phone })
    expect(forgot.status).toBe(202)
    const { session_token } = forgot.body.data
    const proven = await visitor.post(`${resetPath}/api/auth/password/reset/verify/`, { session_token, code: await codeTo(phone, sent) })
    expect(proven.status).toBe(200)
    const { token } = proven.body.data
    const wanted = { token, new_password: 'Une autre phrase 77', new_password_confirm: 'Une autre phrase 77' }
    const confirm = (totp?: string) => visitor.post(`${resetPath}/api/auth/password/reset/confirm/`, { ...wanted, totp })

    expect((await confirm()).status).toBe(403)
    const shown = await app.nextCode()
    const done = await confirm(shown)
    expect(done.status).toBe(200)

    // Every session ended, and the new password still asks for the factor: not for the code that the reset used up.
    expect((await again.visitor.get('/api/auth/profile/')).status).toBe(401)
    const pending = await visitor.post('/api/auth/signin/', { email: person.email, password: wanted.new_password })
    expect(pending.body.requires_2fa).toBe(true)
    visitor.bear(pending.body.pre_login_token)
    expect((await verifyLogin(visitor, { code: shown })).status).toBe(400)
    expect((await verifyLogin(visitor, { code: await app.nextCode() })).status).toBe(200)
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { base, type ConfirmationWorld, minute, newPassword, password, startConfirmationWorld, wrong } from '../confirmation-fr-world.js'
import type { Reply, Visitor } from '../visitor.js'

let world: ConfirmationWorld

beforeAll(async () => {
  world = await startConfirmationWorld()
}, 120_000)
afterAll(() => world?.close())

const confirm = (visitor: Visitor, telephone: string, code: string, nouveau_mdp = newPassword) =>
  visitor.post(`${base}/confirmer-reinitialisation-mdp/`, { telephone, code, nouveau_mdp })
const begin = (telephone: string, mot_de_passe: string, visitor = world.visitor()) =>
  visitor.post(`${base}/activer-2fa-connexion/`, { telephone, mot_de_passe })
const end = (visitor: Visitor, telephone: string, code: string) => visitor.post(`${base}/verifier-2fa-connexion/`, { telephone, code })

/** Somebody for whom a text is not enough. */
async function withAuthenticator(): Promise<string> {
  const { telephone, account } = await world.person()
  await world.database.query(
    `INSERT INTO account_authenticator (account_id, sealed_secret, pending_backup_digests, activated_at, last_step)
     VALUES ($1, 'sealed', '{}', $2, 0)`,
    [account.id, new Date(world.parts.now())],
  )
  return telephone
}

const invalid = { success: false, message: 'Code invalide ou expiré' }

describe('password reset', () => {
  test('the code sets another password once, ends every session, and the owner is told', async () => {
    const [visitor, { telephone, account }] = [world.visitor(), await world.person()]
    const signIn = world.visitor()
    await end(signIn, telephone, await world.begin(signIn, telephone))
    const code = await world.askReset(visitor, telephone)
    expect(world.textsTo(telephone).at(-1)).toBe(
      `Bonjour Mélanie, votre code de réinitialisation est: UF-CCF-PSW-${code}. Ne le donnez à personne.`,
    )
    const kept = new Map(visitor.cookies)
    const done = await confirm(visitor, telephone, `UF-CCF-PSW-${code}`)
    expect([done.status, done.body]).toEqual([200, { success: true, message: 'Mot de passe réinitialisé avec succès' }])
    for (const [name, value] of kept) visitor.cookies.set(name, value)
    expect((await confirm(visitor, telephone, code)).body).toEqual(invalid)
    expect((await begin(telephone, password)).status).toBe(401)
    expect((await begin(telephone, newPassword)).status).toBe(200)
    const live = await world.database.query('SELECT 1 FROM account_session WHERE account_id = $1 AND revoked_at IS NULL', [account.id])
    expect(live).toEqual([])
    expect(world.textsTo(telephone).some((text) => text.includes('a été réinitialisé'))).toBe(true)
  })

  test('a wrong code, a weak password, another visitor: nothing changes', async () => {
    const [visitor, { telephone }] = [world.visitor(), await world.person()]
    const code = await world.askReset(visitor, telephone)
    expect((await confirm(visitor, telephone, wrong(code))).body).toEqual(invalid)
    expect((await confirm(world.visitor(), telephone, code)).body).toEqual(invalid)
    for (const weak of ['court', '12345678', telephone, `x${telephone}`]) {
      expect(Object.keys((await confirm(visitor, telephone, code, weak)).body)).toEqual(['nouveau_mdp'])
    }
    expect((await begin(telephone, password)).status).toBe(200)
    expect((await confirm(visitor, telephone, code)).status).toBe(200)
  })

  test('of ten confirmations at once one changes the password', async () => {
    const [visitor, { telephone }] = [world.visitor(), await world.person()]
    const code = await world.askReset(visitor, telephone)
    const replies = await Promise.all(Array.from({ length: 10 }, () => confirm(visitor, telephone, code)))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(400)])
  })

  test('a code from before another change of the password opens nothing after it', async () => {
    const [one, other, { telephone }] = [world.visitor(), world.visitor(), await world.person()]
    const [first, second] = [await world.askReset(one, telephone), await world.askReset(other, telephone)]
    expect((await confirm(other, telephone, second)).status).toBe(200)
    expect((await confirm(one, telephone, first, 'encore un secret 3')).body).toEqual(invalid)
    expect((await begin(telephone, newPassword)).status).toBe(200)
  })

  /** What a client can compare: all but the number that it typed, and the token itself, whose length stays. */
  const seen = ({ status, text, headers }: Reply, telephone: string) => {
    const cookie = (headers.get('set-cookie') ?? '').replace(/=([^;]+)/, (_, value: string) => `=<${value.length}>`)
    const rest = { ...Object.fromEntries(headers), 'set-cookie': cookie, date: '', 'x-ratelimit-reset': '', 'retry-after': '' }
    return { status, text: text.replaceAll(telephone, '<telephone>'), headers: rest }
  }

  async function walk(telephone: string) {
    const visitor = world.visitor()
    const ask = () => visitor.post(`${base}/demander-reinitialisation-mdp/`, { telephone })
    const asked = await ask()
    const guesses: Reply[] = []
    for (let guess = 0; guess < 4; guess++) guesses.push(await confirm(visitor, telephone, '00000'))
    const again = [await ask(), await ask(), await ask()]
    await world.advance(11 * minute)
    return [asked, ...guesses, ...again, await confirm(visitor, telephone, '00000')].map((reply) => seen(reply, telephone))
  }

  test('unknown, inactive, long unverified numbers and those with an authenticator get the bytes of a known one', async () => {
    const known = await walk((await world.person()).telephone)
    expect(known.map(({ status }) => status)).toEqual([200, 400, 400, 400, 400, 200, 200, 429, 400])
    const inactive = await world.person()
    await world.database.query('UPDATE account SET is_active = false WHERE id = $1', [inactive.account.id])
    const stale = (await world.person({ verifiedDaysAgo: 181 })).telephone
    const guarded = await withAuthenticator()
    const member = await world.person()
    // Texts of a sign-in count elsewhere.
    for (let sends = 0; sends < 3; sends++) await world.begin(world.visitor(), member.telephone)
    for (const telephone of [world.fresh(), inactive.telephone, stale, guarded, member.telephone]) {
      expect(await walk(telephone)).toEqual(known)
    }
    for (const telephone of [inactive.telephone, stale, guarded]) expect(world.textsTo(telephone)).toEqual([])
  }, 30_000)

  test('a provider that is away is not to be told from a number without an account', async () => {
    const { telephone } = await world.person()
    await world.carrier.unlisten()
    const { status, body } = await world.visitor().post(`${base}/demander-reinitialisation-mdp/`, { telephone })
    await world.carrier.listen()
    expect([status, body]).toEqual([200, { success: true, message: 'Si ce numéro a un compte, un code lui est envoyé', telephone }])
  })
})

describe('sign-in in two steps', () => {
  test('the password alone opens no session, the code after it does, once', async () => {
    const [visitor, { telephone }] = [world.visitor(), await world.person()]
    const sent = await begin(telephone, password, visitor)
    expect(sent.body).toEqual({ success: true, message: 'Code de confirmation envoyé avec succès', telephone })
    const code = world.carrier.lastCode(`+235${telephone}`) ?? ''
    const kept = new Map(visitor.cookies)
    const done = await end(visitor, telephone, code)
    expect([done.status, Object.keys(done.body.tokens).sort()]).toEqual([200, ['access', 'refresh']])
    for (const [name, value] of kept) visitor.cookies.set(name, value)
    expect((await end(visitor, telephone, code)).body).toEqual(invalid)
  })

  test('without the password no code of another flow signs anybody in', async () => {
    const [visitor, { telephone }] = [world.visitor(), await world.person()]
    const code = await world.send(visitor, telephone)
    const token = visitor.cookies.get('confirmation') ?? ''
    visitor.cookies.set('sign_in', token).set('reset', token)
    expect((await end(visitor, telephone, code)).body).toEqual(invalid)
    expect((await confirm(visitor, telephone, code)).body).toEqual(invalid)
  })

  test('a wrong password and an unknown number are one answer, and send nothing', async () => {
    const { telephone } = await world.person()
    // A text does not get around an authenticator.
    const guarded = await withAuthenticator()
    const replies = [await begin(telephone, 'faux'), await begin(world.fresh(), password), await begin(guarded, password)]
    expect(replies.map(({ status, text }) => [status, text])).toEqual(Array(3).fill([401, replies[0]?.text]))
    for (const nobody of [telephone, guarded]) expect(world.textsTo(nobody)).toEqual([])
  })

  test('what is asked of the other flows takes no send from a sign-in', async () => {
    const { telephone } = await world.person()
    for (let sends = 0; sends < 3; sends++) await world.send(world.visitor(), telephone)
    for (let sends = 0; sends < 3; sends++) await world.begin(world.visitor(), telephone)
    const fourth = await begin(telephone, password)
    expect([fourth.status, fourth.body.message]).toEqual([429, 'Trop de tentatives. Réessayez dans 1 heure.'])
  })

  test('a sign-in that is under way ends with the password that began it', async () => {
    const [visitor, resetter, { telephone }] = [world.visitor(), world.visitor(), await world.person()]
    const code = await world.begin(visitor, telephone)
    await confirm(resetter, telephone, await world.askReset(resetter, telephone))
    expect((await end(visitor, telephone, code)).body).toEqual(invalid)
  })

  test('another visitor with the code, a code that expired, three wrong ones: nobody is signed in', async () => {
    const [visitor, { telephone }] = [world.visitor(), await world.person()]
    const code = await world.begin(visitor, telephone)
    expect((await end(world.visitor(), telephone, code)).body).toEqual(invalid)
    await world.advance(5.1 * minute)
    expect((await end(visitor, telephone, code)).body).toEqual(invalid)
    const next = await world.begin(visitor, telephone)
    for (let guess = 0; guess < 3; guess++) await end(visitor, telephone, wrong(next))
    expect((await end(visitor, telephone, next)).body).toEqual(invalid)
  })
})

test('garbage in any field is refused', async () => {
  const telephone = world.fresh()
  for (const value of [null, 7, true, [], {}, 'x'.repeat(5_000)]) {
    const visitor = world.visitor()
    const replies = [
      await visitor.post(`${base}/confirmer-reinitialisation-mdp/`, { telephone, code: '12345', nouveau_mdp: value }),
      await visitor.post(`${base}/confirmer-reinitialisation-mdp/`, { telephone, code: value, nouveau_mdp: newPassword }),
      await visitor.post(`${base}/activer-2fa-connexion/`, { telephone, mot_de_passe: value }),
      await visitor.post(`${base}/verifier-2fa-connexion/`, { telephone, code: value }),
      await visitor.post(`${base}/demander-reinitialisation-mdp/`, { telephone: value }),
    ]
    expect(replies.map(({ status }) => status)).toEqual(Array(5).fill(400))
  }
})

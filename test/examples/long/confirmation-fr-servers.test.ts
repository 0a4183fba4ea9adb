import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWith } from '../../fixtures/services.js'
import { base, type ConfirmationWorld, newPassword, startConfirmationWorld } from '../confirmation-fr-world.js'
import type { WorldOptions } from '../world.js'

/** A world for the tests of a suite. */
function inWorld(options: WorldOptions) {
  const here: { world: ConfirmationWorld } = Object.create(null)
  beforeAll(async () => {
    here.world = await startConfirmationWorld(options)
  }, 120_000)
  afterAll(() => here.world?.close())
  return here
}

/** What holds wherever accounts and verification live. */
function journey(here: { readonly world: ConfirmationWorld }) {
  test('a confirmation, a reset, a sign-in; of those that come at once one is first', async () => {
    const { world } = here
    const [visitor, { telephone }] = [world.visitor(), await world.person()]
    const six = async (path: string, body: object) => {
      const replies = await Promise.all(Array.from({ length: 6 }, () => visitor.post(`${base}/${path}/`, body)))
      expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array(5).fill(400)])
    }
    await six('verifier-code-confirmation', { telephone, code: await world.send(visitor, telephone) })
    await six('verifier-2fa-connexion', { telephone, code: await world.begin(visitor, telephone) })
    const code = await world.askReset(visitor, telephone)
    await six('confirmer-reinitialisation-mdp', { telephone, code, nouveau_mdp: newPassword })
  })

  test('of six sends at once three leave', async () => {
    const { world } = here
    const telephone = world.fresh()
    const sends = Array.from({ length: 6 }, () => world.visitor().post(`${base}/envoyer-code-confirmation/`, { telephone }))
    expect((await Promise.all(sends)).map(({ status }) => status).sort()).toEqual([200, 200, 200, 429, 429, 429])
    expect(world.textsTo(telephone)).toHaveLength(3)
  })
}

describeWith('on a Postgres server', 'postgres', ({ postgres }) => journey(inWorld({ postgres })))
describeWith('with Redis for verification', 'redis', ({ redis }) => journey(inWorld({ redis })))

describeWith('with a store that is away', [], () => {
  const here = inWorld({ redis: 'redis://127.0.0.1:1' })

  test('every step answers 503, sends nothing, and is in the audit', async () => {
    const { world } = here
    const { telephone } = await world.person()
    const refused = await world.visitor().post(`${base}/envoyer-code-confirmation/`, { telephone })
    expect([refused.status, refused.body]).toEqual([503, { success: false, message: 'Service momentanément indisponible.' }])
    expect((await world.visitor().post(`${base}/demander-reinitialisation-mdp/`, { telephone })).status).toBe(503)
    expect(world.textsTo(telephone)).toEqual([])
    const audit = await world.database.query('SELECT outcome FROM confirmation_audit ORDER BY id')
    expect(audit.map(({ outcome }) => outcome)).toEqual(['asked', 'ERR_PV_STORE', 'asked', 'ERR_PV_STORE'])
  })
})

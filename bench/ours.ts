import { setTimeout as pause } from 'node:timers/promises'
import { createPhoneVerifier, type Store } from 'phone-verify'
import { memoryStore } from 'phone-verify/store/memory'
import { app, type Carrier, type Contestant, type Enter, expect, sendsPerTenant } from './contestant.js'

/** Longer than any limit counts. */
const monthMs = 32 * 24 * 3_600_000

/** The package as it is built, with the defaults of an installation that names only what it must. */
export function ours(store: Store, carrier: Carrier): Contestant {
  const { purpose } = app
  const verifier = createPhoneVerifier({
    store,
    sms: {
      name: 'bench',
      async send({ to, text, code = '' }) {
        await carrier(to, text, code)
        return { backend: 'bench', messageId: null }
      },
    },
    secret: app.secret,
    appName: app.name,
    countries: app.countries,
    limits: { sendsPerTenant },
  })

  return {
    async send({ phone, ip }) {
      const sent = await verifier.sendCode({ phone, purpose, client: { ip } })
      expect(sent.ok, 'sendCode', sent)
      return sent.sessionToken
    },

    async wrongGuess(sessionToken, code, { ip }) {
      const checked = await verifier.verifyCode({ sessionToken, code, purpose, client: { ip } })
      expect(!checked.ok && checked.reason === 'incorrect_code', 'wrong guess', checked)
    },

    async rightGuess(sessionToken, code, { ip }) {
      const checked = await verifier.verifyCode({ sessionToken, code, purpose, client: { ip } })
      expect(checked.ok, 'right guess', checked)
      return checked.proof
    },

    async redeem(proof) {
      const redeemed = await verifier.redeemProof({ proof, purpose })
      expect(redeemed.ok, 'redeemProof', redeemed)
      return redeemed.phone
    },

    end: () => verifier.close(),
  }
}

/** Over a memory store of its own, empty at first. */
export const oursInMemory: Enter = (carrier) => {
  let skewMs = 0
  const contestant = ours(memoryStore({ maxRecords: 1_000_000, now: () => performance.now() + skewMs }), carrier)
  return {
    ...contestant,
    async end() {
      await contestant.end()
      // The store's sweep holds it until its last record is over: half a second to its next visit, then ten milliseconds a thousand records.
      skewMs += monthMs
      await pause(1_500)
    },
  }
}

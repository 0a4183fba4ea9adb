import { createPhoneVerifier, type Store } from 'phone-verify'
import { phoneVerifyRouter } from 'phone-verify/express'
import { phoneVerifyPlugin } from 'phone-verify/fastify'
import { inFlight, wrong } from '../batch.js'
import { expect, app as installation, sendsPerTenant } from '../contestant.js'
import { visits } from '../visits.js'
import { bare } from './bare.js'
import type { Guess } from './guess.js'
import type { Mount } from './listen.js'

export interface Ours {
  /** Our routes. */
  readonly adapter: Mount
  /** A bare route that asks our verifier: what is left is the price of the adapter. */
  readonly core: Mount
  readonly guesses: readonly Guess[]
}

/** A verifier with the defaults of an installation behind one proxy, and as many challenges to guess at as asked for. */
export async function oursOver(store: Store, people: number): Promise<Ours> {
  const { purpose } = installation
  const codes = new Map<string, string>()
  const verifier = createPhoneVerifier({
    store,
    sms: {
      name: 'bench',
      async send({ to, code = '' }) {
        codes.set(to, code)
        return { backend: 'bench', messageId: null }
      },
    },
    secret: installation.secret,
    appName: installation.name,
    countries: installation.countries,
    limits: { sendsPerTenant },
  })

  const everybody = visits(people)
  const guesses: Guess[] = []
  await inFlight(0, people, 64, async (index) => {
    const { phone, ip } = everybody[index] as (typeof everybody)[number]
    const sent = await verifier.sendCode({ phone, purpose, client: { ip } })
    expect(sent.ok, 'sendCode', sent)
    guesses[index] = { sessionToken: sent.sessionToken, code: wrong(codes.get(phone) ?? ''), ip }
  })

  const options = { purpose, trustedProxies: 1 }
  return {
    guesses,
    adapter: {
      express: (app) => void app.use('/phone', phoneVerifyRouter(verifier, options)),
      async fastify(app) {
        await app.register(phoneVerifyPlugin, { ...options, prefix: '/phone', verifier })
      },
    },
    core: bare(async (guess, ip) => {
      const checked = await verifier.verifyCode({ ...guess, purpose, client: { ip } })
      expect(!checked.ok && checked.reason === 'incorrect_code', 'wrong guess', checked)
      return checked.attemptsLeft
    }),
  }
}

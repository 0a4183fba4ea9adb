import { createPhoneVerifier, type PhoneVerifier } from 'phone-verify'
import { outboxBackend } from 'phone-verify/sms/outbox'
import type { Place } from '../processes/open-store.js'
import { leave, storeAt } from '../processes/visitor.js'
import { lifted } from '../races.js'
import { type App, type Framework, startApp } from './app.js'

// What a server process of a race does: one verifier, behind every framework.

const longMs = 600_000

interface Served {
  readonly verifier: PhoneVerifier
  readonly apps: readonly App[]
  readonly messages: () => number
}

let served: Served | undefined

/** Resolves to the port of each framework. The secret is that of every visitor. */
export async function serve(place: Place, frameworks: readonly Framework[]): Promise<readonly number[]> {
  const { store } = await storeAt(place)
  const sms = outboxBackend()
  const verifier = createPhoneVerifier({
    ...{ store, sms, appName: 'Race', countries: '*', secret: 'a secret of races, 32 bytes long', limits: lifted },
    deadlines: { send: longMs, verify: longMs, redeem: longMs, store: longMs, provider: longMs },
  })
  await verifier.ready()
  const apps = await Promise.all(frameworks.map((framework) => startApp(framework, verifier)))
  served = { verifier, apps, messages: () => sms.messages.length }
  return apps.map(({ port }) => port)
}

/** How many SMS have left this process. */
export const messagesSent = (): number => served?.messages() ?? 0

export async function endServing(place: Place): Promise<void> {
  await Promise.all((served?.apps ?? []).map((app) => app.close()))
  await served?.verifier.close()
  await leave(place)
  served = undefined
}

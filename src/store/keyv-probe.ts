import { PhoneVerifyError } from '../errors.js'
import type { KeyvClient } from './keyv-client.js'

const ROUNDS = 3
const CALLERS = 50
const BRIEF_MS = 20
const DEADLINE_MS = 1_000

const fault = (message: string) => new PhoneVerifyError('ERR_PV_STORE', `keyvStore: ${message}`)

/** Keys and values are escaped on the way to some servers: these must come back as they are. */
const value = JSON.stringify([':base64:', "\u0000'\\\ud83d", '😀'])

/** What makes an adapter unfit, found by using it under names that nobody else has; undefined when it is fit. */
async function findFlaw(client: KeyvClient, someKey: () => string): Promise<string | undefined> {
  const brief = someKey()
  await client.set([[brief, value, BRIEF_MS]])
  const over = new Promise((resolve) => setTimeout(resolve, 3 * BRIEF_MS))
  for (let round = 0; round < ROUNDS; round++) {
    const key = someKey()
    await client.set([[key, value, 60_000]])
    const [back] = await client.get([key])
    if (back !== value) return 'get does not give back what was set'
    const told = await Promise.allSettled(Array.from({ length: CALLERS }, () => client.delete(key)))
    for (const one of told) if (one.status === 'rejected') throw one.reason
    const winners = told.filter((one) => one.status === 'fulfilled' && one.value).length
    if (winners !== 1) return `delete told ${winners} of ${CALLERS} callers at once that it was they who deleted; it must be one`
    const [still] = await client.get([key])
    if (still !== undefined) return 'get still answers after delete'
  }
  await over
  const [late] = await client.get([brief])
  return late === undefined ? undefined : 'a time to live is not honoured'
}

/** As `findFlaw`, and rejects with ERR_PV_STORE when the adapter fails, or has not answered all of it within a second. */
export const probeKeyv = (client: KeyvClient, someKey: () => string): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(fault('the adapter did not answer the start-up probe in time')), DEADLINE_MS)
    const settled = findFlaw(client, someKey).finally(() => clearTimeout(timer))
    settled.then(resolve, reject)
  })

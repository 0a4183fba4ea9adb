import { randomBytes } from 'node:crypto'
import { createPhoneVerifier } from 'phone-verify'
import { memoryStore } from 'phone-verify/store/memory'
import { app } from './contestant.js'

type Opening = Parameters<ReturnType<typeof memoryStore>['open']>

/** What a send hands to the store: a challenge, and a hit on every quota of its own. The record of the tenant is one for all of them. */
export interface Pressed {
  readonly record: Opening[0]
  readonly quotas: Opening[1]
}

const hashLength = 22
/** `{tag}` and, in a quota key, one letter. */
const idAt = 10
const hashAt = 11

/** The random part of an id, and the hashes in the keys of quotas. */
export const hashesOf = ({ record, quotas }: Pressed): readonly string[] => [
  record.id.slice(idAt, idAt + hashLength),
  ...new Set(quotas.map(({ key }) => key.slice(hashAt, hashAt + hashLength))),
]

let pool = Buffer.alloc(0)
let used = 0

/** 128 random bits, as the library writes them. */
function fresh(): string {
  if (used === pool.length) {
    pool = randomBytes(1 << 20)
    used = 0
  }
  used += 16
  return pool.toString('base64url', used - 16, used)
}

/** Watches one real send and presses others like it: the same lengths and windows, everything random anew. */
export async function createMould(): Promise<() => Pressed> {
  const seen: Opening[] = []
  const store = memoryStore()
  const verifier = createPhoneVerifier({
    store: {
      ...store,
      open(...opening) {
        seen.push(opening)
        return store.open(...opening)
      },
    },
    sms: { name: 'bench', send: async () => ({ backend: 'bench', messageId: null }) },
    secret: app.secret,
    appName: app.name,
    countries: app.countries,
  })
  await verifier.sendCode({ phone: '+33612345678', purpose: app.purpose, client: { ip: '10.0.0.1' } })
  const [first] = seen
  if (first === undefined) throw new Error('the send opened nothing')
  const [record, quotas] = first
  const own = quotas.filter(({ key }) => key.length >= hashAt + hashLength)

  return () => {
    const hashes = new Map<string, string>()
    const anew = (key: string) => {
      const hash = key.slice(hashAt, hashAt + hashLength)
      if (!hashes.has(hash)) hashes.set(hash, fresh())
      return key.slice(0, hashAt) + hashes.get(hash) + key.slice(hashAt + hashLength)
    }
    return {
      record: { ...record, id: record.id.slice(0, idAt) + fresh(), codeDigest: fresh() },
      quotas: own.map(({ key, ...window }) => ({ key: anew(key), ...window })),
    }
  }
}

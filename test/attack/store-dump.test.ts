import { createHash } from 'node:crypto'
import type { Store } from 'phone-verify'
import { memoryStore } from 'phone-verify/store/memory'
import { createTestVerifier } from 'phone-verify/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { canonicalPayload } from '../../src/domain/binding.js'
import { createKeyring, type Keyring, mac } from '../../src/domain/keyring.js'
import type { Challenge, OpenedToken } from '../../src/services/challenge.js'
import { createJwe } from '../../src/services/jwe.js'
import { createSessionTokens, sessionType } from '../../src/services/session-token.js'
import { createSearch } from '../fixtures/canary.js'
import { unlimited } from '../fixtures/rig.js'
import { readTree } from '../package/module.js'

const secret = 'the-real-secret-9vXq2LmZt7RbKc4W'
const wrongSecret = 'another-secret-of-the-same-shape'
const codeLength = 4

/** Every string within a value, names of fields included. */
function collect(value: unknown, into: Set<string>): void {
  if (typeof value === 'string') into.add(value)
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    into.add(name)
    collect(member, into)
  }
}

/** A store that keeps all it was ever given and all it ever answered, as a thief finds it on the disk and on the wire. */
function recordingStore(inner: Store) {
  const dump = new Set<string>()
  const digests = new Map<string, string>()
  const recorded =
    (name: 'open' | 'renew' | 'attempt' | 'close' | 'release') =>
    async (...given: readonly unknown[]): Promise<never> => {
      const answer = await (inner[name] as (...all: readonly unknown[]) => Promise<never>)(...given)
      collect([given, answer], dump)
      const [first] = given as readonly { readonly id?: string; readonly codeDigest?: string }[]
      if (first?.id && first.codeDigest) digests.set(first.id, first.codeDigest)
      return answer
    }
  const store: Store = {
    reach: 'process',
    ...{
      open: recorded('open'),
      renew: recorded('renew'),
      attempt: recorded('attempt'),
      close: recorded('close'),
      release: recorded('release'),
    },
  }
  return { store, dump, digests }
}

const visitor = (index: number) => ({
  phone: `+3361${String(2_000_000 + index * 37).padStart(7, '0')}`,
  tenant: `tenant-of-index-${index % 40}`,
  subject: `subject-of-index-${index}`,
  client:
    index % 2 === 0 ? { ip: `203.0.113.${index % 250}` } : { id: `client-of-index-${index}`, ip: `2001:db8:7:${index.toString(16)}::1` },
  payload: { amount: index + 0.25, payee: `payee-of-index-${index}` },
})

/** 2 000 challenges, every fourth guessed wrong, won and redeemed, every fifth resent; some begun twice, some forgotten. */
async function fill() {
  const { store, dump, digests } = recordingStore(memoryStore({ maxRecords: 1_000_000 }))
  const { verifier, outbox } = createTestVerifier({ store, secret, codeLength, allowShortCodes: true, maxAttempts: 3, limits: someLimits })
  const tokens: string[] = []
  for (let index = 0; index < 2_000; index++) {
    const { phone, tenant, subject, client, payload } = visitor(index)
    const bound = { tenant, subject, payload }
    const idempotencyKey = index % 7 === 0 ? `idempotency-key-of-index-${index}` : undefined
    const sent = await verifier.sendCode({ phone, purpose: 'payment', ...bound, client, idempotencyKey })
    if (!sent.ok) throw new Error(sent.reason)
    const { sessionToken } = sent
    tokens.push(sessionToken)
    const code = outbox.messages.at(-1)?.code ?? ''
    if (index % 5 === 0) await verifier.resendCode({ sessionToken, tenant, subject, client })
    if (index % 4 === 0) {
      const verify = (guess: string) => verifier.verifyCode({ sessionToken, code: guess, purpose: 'payment', ...bound, client })
      await verify(String((Number(code) + 1) % 10_000).padStart(codeLength, '0'))
      const won = await verify(code)
      if (won.ok) await verifier.redeemProof({ proof: won.proof, purpose: 'payment', ...bound })
    }
    if (index % 9 === 0) await verifier.forget({ phone, tenant })
    if (index % 11 === 0) await verifier.unlock({ phone, tenant, subject })
    if (index % 13 === 0) await verifier.notify({ phone, tenant, template: 'security_alert' })
  }
  return { dump, digests, tokens, codes: outbox.messages.flatMap(({ code }) => code ?? []), texts: outbox.messages.map(({ text }) => text) }
}

// The windows that a quick test passes are lifted; each kind of key is still there.
const day = [{ max: 1_000_000, windowMs: 86_400_000 }]
const someLimits = Object.fromEntries(
  Object.keys(unlimited).map((name) => [name, name === 'failuresPerPhone' ? [{ max: 100, windowMs: 86_400_000 }] : day]),
)

let stolen: Awaited<ReturnType<typeof fill>>
beforeAll(async () => {
  stolen = await fill()
}, 60_000)

const sample = Array.from({ length: 50 }, (_, index) => index * 40)

describe('a dump of the store names nobody (T-SEC-03)', () => {
  test('it holds every kind of record', () => {
    const kinds = new Set([...stolen.dump].join('\n').match(/(?<=\{[\w-]{8}\})[a-z](?=[\w-]{22})/g))
    expect([...'owpkxtsgf'].filter((kind) => kind !== 't' && !kinds.has(kind))).toEqual([])
    expect(stolen.dump.size).toBeGreaterThan(10_000)
    expect(stolen.digests.size).toBeGreaterThanOrEqual(2_000)
  })

  const hashes = (word: string) =>
    ['md5', 'sha1', 'sha256', 'sha512'].flatMap((name) => {
      const digest = createHash(name).update(word).digest()
      return [digest.toString('hex').slice(0, 22), digest.toString('base64').slice(0, 20), digest.toString('base64url').slice(0, 20)]
    })

  test('no number, subject, tenant, client, payload or idempotency key is in it, in any spelling or under a hash without a key', () => {
    const about = sample.map(visitor)
    const nationals = about.map(({ phone }) => `0${phone.slice(3)}`)
    const words = about.flatMap(({ phone, tenant, subject, client }) => [
      phone,
      phone.slice(1),
      tenant,
      subject,
      client.id ?? client.ip,
      client.ip,
    ])
    const find = createSearch({
      phone: [...about.map(({ phone }) => phone), ...nationals],
      prefix: about.map(({ phone }) => phone.slice(0, -4)).filter((prefix) => prefix.length >= 8),
      subject: about.map(({ subject }) => subject),
      tenant: about.map(({ tenant }) => tenant),
      client: about.flatMap(({ client }) => [client.ip, ...(client.id === undefined ? [] : [client.id])]),
      payload: about.flatMap(({ payload }) => [payload.payee, canonicalPayload(payload)]),
      'idempotency key': sample.map((index) => `idempotency-key-of-index-${index}`),
      hash: [...new Set(words)].flatMap(hashes),
      text: stolen.texts.slice(0, 20),
      token: stolen.tokens.slice(0, 50).flatMap((token) => [token, token.slice(-40)]),
    })
    expect(find([...stolen.dump].join('\n'))).toEqual([])
    expect(find(`before ${createHash('sha256').update('+33612000000').digest('hex')}`)).toEqual(['hash'])
  })

  test('whoever knows every number, every name and the algorithm finds none of them without the secret; with it, all', () => {
    const dump = [...stolen.dump].join('\n')
    const known = (keyring: Keyring) =>
      sample.filter((index) => {
        const { phone, tenant } = visitor(index)
        return dump.includes(keyring.index('phone', tenant, phone))
      })
    expect(known(createKeyring([wrongSecret], wrongSecret))).toEqual([])
    expect(known(createKeyring([''], ''))).toEqual([])
    expect(known(createKeyring([secret], wrongSecret))).toEqual([])
    expect(known(createKeyring([secret], secret))).toEqual(sample)
  })
})

/** What a thief cannot have: who is behind a challenge. This test gives it away, so that the digest alone stands between them and the code. */
function openAll(keyring: Keyring): readonly OpenedToken[] {
  const tokens = createSessionTokens({
    jwe: createJwe(keyring, sessionType, ({ session }) => session),
    keyring,
    issuer: 'phone-verify',
    audience: 'phone-verify',
  })
  return stolen.tokens.flatMap((token) => tokens.open(token) ?? [])
}

const fields = ({ id, keyId, tenant, purpose, phone, subject, payload }: Challenge, code: string) =>
  ['v1', keyId, tenant, purpose, id, phone, subject, payload && canonicalPayload(payload), code] as const

/** Every code there is, against one digest. */
function search(challenge: Challenge, digestOf: (fields: readonly (string | undefined)[]) => string): string | undefined {
  const digest = stolen.digests.get(challenge.id)
  for (let number = 0; number < 10 ** codeLength; number++) {
    const code = String(number).padStart(codeLength, '0')
    if (digestOf(fields(challenge, code)) === digest) return code
  }
  return undefined
}

describe('a digest says nothing of its code without the secret (T-SEC-03)', () => {
  const real = createKeyring([secret], secret)
  const wrong = createKeyring([wrongSecret], wrongSecret).current
  const framed = (parts: readonly (string | undefined)[]) =>
    parts.map((part) => (part === undefined ? '-' : `${part.length}:${part}`)).join('')
  const unkeyed = (parts: readonly (string | undefined)[]) => createHash('sha256').update(framed(parts)).digest('base64url').slice(0, 22)

  test('without it, not one of all codes fits', { timeout: 30_000 }, () => {
    const victims = openAll(real).slice(0, 5)
    expect(victims).toHaveLength(5)
    const attacks = [
      unkeyed,
      (parts: readonly (string | undefined)[]) => unkeyed(parts.slice(-1)),
      (parts: readonly (string | undefined)[]) => mac(wrong.digest, parts),
      // What is known of the real keys is their id; the keys of other uses are no help either.
      (parts: readonly (string | undefined)[]) => mac(real.current.code, parts),
    ]
    const found = victims.flatMap(({ challenge }) => attacks.flatMap((digestOf) => search(challenge, digestOf) ?? []))
    expect(found).toEqual([])
  })

  test('control: with it, every code is found', { timeout: 30_000 }, () => {
    const all = openAll(real)
    expect(all).toHaveLength(2_000)
    const victims = all.filter((_, index) => index % 400 === 0)
    const found = victims.map(({ challenge }) => search(challenge, (parts) => mac(real.current.digest, parts)))
    expect(found).not.toContain(undefined)
    for (const code of found) expect(stolen.codes).toContain(code)
  })

  test('no key of another secret opens a session token', () => {
    expect(openAll(createKeyring([wrongSecret], secret))).toEqual([])
  })
})

test('codes and ids come from no generator that can be foretold (T-ENT-02)', () => {
  const source = [...readTree('src', '.ts')].filter(([path]) => !path.startsWith('testing/'))
  expect(source.length).toBeGreaterThan(40)
  const weak = /Math\.random|pseudoRandomBytes|\bcrypto\.getRandomValues|new Function/
  expect(source.filter(([, text]) => weak.test(text)).map(([path]) => path)).toEqual([])
  expect(weak.test('const code = Math.random()')).toBe(true)
})

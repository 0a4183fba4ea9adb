import { expect, test } from 'vitest'
import { type SaidOptions, saidOf } from '../../src/http/said.js'

const request = { headers: {} }
type Request = typeof request

test.each<readonly [what: string, options: SaidOptions<Request>, said: object | undefined]>([
  ['nothing asked', {}, { tenant: undefined, subject: undefined, payload: undefined }],
  ['what each says', { tenant: () => 'acme', subject: () => 'user-17', payload: () => ({ amount: '5' }) }, everything()],
  [
    'what each says later',
    { tenant: async () => 'acme', subject: async () => 'user-17', payload: async () => ({ amount: '5' }) },
    everything(),
  ],
  [
    'nobody, and nothing to approve',
    { subject: () => undefined, payload: () => undefined },
    { tenant: undefined, subject: undefined, payload: undefined },
  ],
  ['no tenant', { tenant: () => undefined, subject: () => 'user-17' }, undefined],
  ['no tenant, said later', { tenant: async () => undefined, subject: () => 'user-17' }, undefined],
  // Whether there is such a tenant is the verifier's to judge.
  ['a tenant without a name', { tenant: () => '' }, { tenant: '', subject: undefined, payload: undefined }],
])('%s', async (_, options, said) => {
  expect(await saidOf(options, request)).toEqual(said)
})

test('each is asked of the request itself', async () => {
  const asked: unknown[] = []
  const ask = (one: Request) => {
    asked.push(one)
    return undefined
  }
  await saidOf({ subject: ask, payload: ask }, request)
  await saidOf({ tenant: ask }, request)
  expect(asked).toEqual([request, request, request])
  for (const one of asked) expect(one).toBe(request)
})

test('of a request that is no tenant’s nothing else is asked', async () => {
  const asked: string[] = []
  const ask = (name: string) => () => {
    asked.push(name)
    return undefined
  }
  await saidOf({ subject: ask('subject'), payload: ask('payload'), tenant: ask('tenant') }, request)
  expect(asked).toEqual(['tenant'])
})

test.each(['tenant', 'subject', 'payload'] as const)('a %s that cannot be said is an error, never nobody', async (name) => {
  const down = new Error('the directory is down')
  await expect(saidOf({ tenant: () => 'acme', [name]: () => Promise.reject(down) }, request)).rejects.toBe(down)
})

function everything() {
  return { tenant: 'acme', subject: 'user-17', payload: { amount: '5' } }
}

import { describe, expect, test } from 'vitest'
import type { SmsBackend } from '../../src/sms/backend.js'
import { type ByTenantOptions, byTenant } from '../../src/sms/by-tenant.js'
import { fakeClock } from '../../src/testing/clock.js'
import { makeMessage, outcomeOf } from './fallback-leaf.js'

const loggedIn = (account: string): SmsBackend => ({ name: account, send: async () => ({ backend: account, messageId: null }) })

/** Tenants whose accounts the test changes. A question is answered when `answer` is called, or at once. */
const make = (options: ByTenantOptions = {}) => {
  const clock = fakeClock()
  const accounts = new Map<string | undefined, string>()
  const asked: (string | undefined)[] = []
  const waiting: (() => void)[] = []
  const state = { isDown: false, isSlow: false }
  const backend = byTenant(
    async (tenant) => {
      asked.push(tenant)
      // Read now, answered later: what a query sees is from when it ran.
      const account = accounts.get(tenant)
      if (state.isSlow) await new Promise<void>((resolve) => waiting.push(resolve))
      if (state.isDown) throw new Error('the database is down')
      return account === undefined ? undefined : loggedIn(account)
    },
    { now: clock.now, ...options },
  )
  const send = (tenant?: string) => outcomeOf(backend.send(makeMessage(tenant === undefined ? {} : { tenant })))
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const answer = async () => {
    await turn()
    for (const go of waiting.splice(0)) go()
    await turn()
  }
  return { clock, accounts, asked, state, backend, send, answer, turn }
}

const none = 'ERR_PV_SMS_UNAVAILABLE'

describe('kept', () => {
  test('for refreshMs, then asked for anew before it sends', async () => {
    const { clock, accounts, asked, send } = make()
    accounts.set('t', 'old')
    expect(await send('t')).toBe('old')
    accounts.set('t', 'new')
    clock.advance(59_999)
    expect(await send('t')).toBe('old')
    expect(asked).toHaveLength(1)
    clock.advance(1)
    expect(await send('t')).toBe('new')
    expect(asked).toHaveLength(2)
  })

  test('never for a tenant that nobody knows: it is served as soon as it is known', async () => {
    const { accounts, send } = make()
    expect(await send('t')).toBe(none)
    accounts.set('t', 'new')
    expect(await send('t')).toBe('new')
  })

  test('its age counts from the question, not from the answer', async () => {
    const { clock, accounts, asked, state, send, answer } = make()
    accounts.set('t', 'old')
    state.isSlow = true
    const first = send('t')
    clock.advance(59_999)
    await answer()
    expect(await first).toBe('old')
    state.isSlow = false
    clock.advance(1)
    await send('t')
    expect(asked).toHaveLength(2)
  })

  test('so many as maxCached, the least recently used goes first', async () => {
    const { accounts, asked, send } = make({ maxCached: 2 })
    for (const tenant of ['a', 'b', 'c']) accounts.set(tenant, tenant)
    for (const tenant of ['a', 'b', 'a', 'c', 'a', 'c', 'b', 'c']) expect(await send(tenant)).toBe(tenant)
    expect(asked).toEqual(['a', 'b', 'c', 'b'])
  })

  test('10 000 tenants leave 100', async () => {
    const { accounts, asked, send } = make({ maxCached: 100 })
    const names = Array.from({ length: 10_000 }, (_, index) => `t${index}`)
    for (const name of names) accounts.set(name, name)
    await Promise.all(names.map(send))
    asked.length = 0
    for (const name of names.toReversed().slice(0, 100)) await send(name)
    expect(asked).toHaveLength(0)
    await send(names[0])
    expect(asked).toHaveLength(1)
  })
})

describe('resolve fails', () => {
  test('the old one serves on up to staleMs, resolve is asked once a second, and then nothing is sent', async () => {
    const { clock, accounts, asked, state, send } = make({ refreshMs: 10_000, staleMs: 20_000 })
    accounts.set('t', 'old')
    await send('t')
    state.isDown = true
    clock.advance(10_000)
    asked.length = 0
    for (let index = 0; index < 100; index += 1) {
      expect(await send('t')).toBe('old')
      clock.advance(100)
    }
    expect(asked).toHaveLength(10)
    expect(await send('t')).toBe(none)
    state.isDown = false
    expect(await send('t')).toBe('old')
  })

  test('with staleMs as long as refreshMs it never serves on', async () => {
    const { clock, accounts, state, send } = make({ refreshMs: 10_000, staleMs: 10_000 })
    accounts.set('t', 'old')
    await send('t')
    state.isDown = true
    clock.advance(10_000)
    expect(await send('t')).toBe(none)
  })

  test('a tenant that is gone is no failure: it ends at once, and a failure after that brings nothing back', async () => {
    const { clock, accounts, state, send } = make()
    accounts.set('t', 'old')
    await send('t')
    accounts.delete('t')
    clock.advance(60_000)
    expect(await send('t')).toBe(none)
    state.isDown = true
    expect(await send('t')).toBe(none)
  })

  test('for one tenant, another is served', async () => {
    const { accounts, state, send } = make()
    accounts.set('a', 'a').set('b', 'b')
    await send('a')
    state.isDown = true
    expect(await Promise.all([send('b'), send('a')])).toEqual([none, 'a'])
  })
})

describe('races', () => {
  test('1 000 sends at once share one question, at the first and at every refresh', async () => {
    const { clock, accounts, asked, send } = make()
    accounts.set('t', 'one')
    const all = () => Promise.all(Array.from({ length: 1_000 }, () => send('t')))
    expect(new Set(await all())).toEqual(new Set(['one']))
    expect(asked).toHaveLength(1)
    accounts.set('t', 'two')
    clock.advance(60_000)
    expect(new Set(await all())).toEqual(new Set(['two']))
    expect(asked).toHaveLength(2)
  })

  test('forget while it is resolved: neither those who wait nor those who come get the old credentials', async () => {
    const { accounts, state, backend, send, answer } = make()
    accounts.set('t', 'old')
    state.isSlow = true
    const waited = send('t')
    accounts.set('t', 'new')
    backend.forget('t')
    const came = send('t')
    await answer()
    await answer()
    expect(await Promise.all([waited, came])).toEqual(['new', 'new'])
    expect(await send('t')).toBe('new')
  })

  test('the control: a cache of answers, deleted at once, keeps the old one for ever', async () => {
    const cache = new Map<string, string>()
    let account = 'old'
    let answer = () => {}
    const find = async () => {
      const kept = cache.get('t')
      if (kept !== undefined) return kept
      const seen = account
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      cache.set('t', seen)
      return seen
    }
    const waited = find()
    account = 'new'
    cache.delete('t')
    answer()
    await waited
    expect(await find()).toBe('old')
  })

  test('forget during a refresh that fails brings the old one not back', async () => {
    const { clock, accounts, state, backend, send, answer } = make()
    accounts.set('t', 'old')
    await send('t')
    clock.advance(60_000)
    state.isSlow = true
    state.isDown = true
    const sending = send('t')
    backend.forget('t')
    await answer()
    await answer()
    expect(await sending).toBe(none)
  })

  test('forget drops one at once, and no other; without an argument the one without tenant', async () => {
    const { accounts, asked, backend, send } = make()
    for (const tenant of ['a', 'b', undefined]) accounts.set(tenant, `${tenant}`)
    const all = async () => [await send('a'), await send('b'), await send()]
    expect(await all()).toEqual(['a', 'b', 'undefined'])
    asked.length = 0
    backend.forget('a')
    backend.forget('nobody')
    await all()
    expect(asked).toEqual(['a'])
    backend.forget()
    await all()
    expect(asked).toEqual(['a', undefined])
  })

  test('an answer that comes after the deadline changes nothing', async () => {
    const { accounts, state, send, answer } = make({ timeoutMs: 10 })
    accounts.set('t', 'old')
    state.isSlow = true
    expect(await send('t')).toBe(none)
    await answer()
    accounts.set('t', 'new')
    state.isSlow = false
    expect(await send('t')).toBe('new')
  })

  test('resolve is told when it takes too long', async () => {
    let signal: AbortSignal | undefined
    const backend = byTenant(
      (_, given) => {
        signal = given
        return new Promise(() => {})
      },
      { timeoutMs: 10 },
    )
    await outcomeOf(backend.send(makeMessage()))
    expect(signal?.aborted).toBe(true)
  })
})

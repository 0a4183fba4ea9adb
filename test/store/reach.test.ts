import { PGlite } from '@electric-sql/pglite'
import { Redis } from 'ioredis'
import { Keyv } from 'keyv'
import { Pool } from 'pg'
import { createPhoneVerifier, type PhoneVerifyEvent, type Store } from 'phone-verify'
import { consoleBackend } from 'phone-verify/sms/console'
import { keyvStore } from 'phone-verify/store/keyv'
import { memoryStore } from 'phone-verify/store/memory'
import { postgresStore } from 'phone-verify/store/postgres'
import { redisStore } from 'phone-verify/store/redis'
import { afterEach, describe, expect, test, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllEnvs()
})

const verifierOn = (store: Store, requireReach: 'process' | 'shared', onEvent?: (event: PhoneVerifyEvent) => void) =>
  createPhoneVerifier({
    ...{ store, requireReach, onEvent, sms: consoleBackend(), appName: 'Acme', countries: '*' },
    secret: 'a secret of reach, 32 bytes long',
  })

/** Nothing is connected by making a store. */
const stores: Readonly<Record<string, readonly [Store['reach'], () => Store]>> = {
  memory: ['process', () => memoryStore()],
  keyv: ['process', () => keyvStore(new Keyv())],
  PGlite: ['process', () => postgresStore(new PGlite())],
  redis: ['shared', () => redisStore(new Redis({ lazyConnect: true }))],
  postgres: ['shared', () => postgresStore(new Pool())],
}

describe.each(Object.entries(stores))('%s', (_, [reach, make]) => {
  test(`reaches ${reach}`, () => {
    expect(make().reach).toBe(reach)
  })

  test(`requireReach 'shared' ${reach === 'shared' ? 'takes' : 'refuses'} it`, () => {
    const construct = () => verifierOn(make(), 'shared')
    if (reach === 'shared') expect(construct).not.toThrow()
    else expect(construct).toThrow(/^requireReach: the store reaches one process only$/)
  })

  test('beside other processes', () => {
    vi.stubEnv('pm_id', '3')
    const events: PhoneVerifyEvent[] = []
    verifierOn(make(), 'process', (event) => events.push(event))
    const warned = events.flatMap((event) => (event.type === 'warning' ? [event.warning] : []))
    expect(warned.includes('store_reaches_one_process')).toBe(reach === 'process')
  })
})

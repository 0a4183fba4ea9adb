import { describe, expect, test } from 'vitest'
import { fullLimit, rateLimit } from '../../src/http/rate-limit.js'

describe('RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers)', () => {
  test('say what is left, in whole seconds that are never too few', () => {
    const limits = [
      { limit: 'sendsPerPhone', remaining: 0, resetMs: 29_001 },
      { limit: 'sendsPerClient', remaining: 9, resetMs: 3_600_000 },
      { limit: 'sendsPerTenant', remaining: 1, resetMs: 1 },
    ]
    const policies = [
      { limit: 'sendsPerPhone', max: 10, windowMs: 86_400_000 },
      { limit: 'sendsPerClient', max: 50, windowMs: 1_500 },
    ]
    expect(rateLimit(limits, policies)).toEqual({
      ratelimit: '"sendsPerPhone";r=0;t=30, "sendsPerClient";r=9;t=3600, "sendsPerTenant";r=1;t=1',
      'ratelimit-policy': '"sendsPerPhone";q=10;w=86400, "sendsPerClient";q=50;w=2',
    })
  })

  test('say nothing where there is no limit', () => expect(rateLimit([], [])).toEqual({}))

  test('say which limit is full', () => {
    expect(fullLimit('checksPerClient', 300_000)).toEqual({ ratelimit: '"checksPerClient";r=0;t=300' })
    expect(fullLimit('checksPerClient', 1)).toEqual({ ratelimit: '"checksPerClient";r=0;t=1' })
  })
})

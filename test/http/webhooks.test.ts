import { describe, expect, test } from 'vitest'
import { createWebhooks, type WebhookOptions } from '../../src/http/webhooks.js'
import type { WireBody } from '../../src/http/wire.js'
import { fromTwilio, fromVonage, type Posted, publicUrl, statusOf, vonageStatus, webhooks, wireOf } from './webhooks-served.js'

/** What a request comes to, and how often its body was asked for and something was reported. */
async function take(provider: string, posted: Posted, made?: WireBody, options: WebhookOptions | undefined = webhooks) {
  const told = { reads: 0, reports: 0 }
  const count = (name: keyof typeof told) => {
    told[name] += 1
  }
  const receive = createWebhooks(options, { report: () => count('reports'), now: Date.now })
  const wire = wireOf(posted, made)
  const body = (maxBytes: number) => {
    count('reads')
    return wire.body(maxBytes)
  }
  return { refused: await receive(provider, { ...wire, body }), ...told }
}

const withHeader = (posted: Posted, name: string, value: string): Posted => ({ ...posted, headers: { ...posted.headers, [name]: value } })

describe.each([
  ['twilio', fromTwilio(statusOf(1, 'delivered')), 'x-twilio-signature'],
  ['vonage', await fromVonage(vonageStatus(1, 'delivered')), 'authorization'],
])('%s', (provider, signed, signature) => {
  test('what is signed is read once, and reported once', async () => {
    expect(await take(provider, signed)).toEqual({ refused: undefined, reads: 1, reports: 1 })
  })

  test.each([
    ['aborted', 'forbidden'],
    ['content_too_large', 'content_too_large'],
    ['request_timeout', 'request_timeout'],
  ] as const)('a body that did not come, %s, is %s', async (failed, refused) => {
    expect(await take(provider, signed, { failed })).toEqual({ refused, reads: 1, reports: 0 })
  })

  test('a body that says it is longer than 64 KiB is not read', async () => {
    const saying = (length: string) => take(provider, withHeader(signed, 'content-length', length))
    expect(await saying('65536')).toEqual({ refused: undefined, reads: 1, reports: 1 })
    for (const length of ['65537', '1000000']) expect(await saying(length)).toEqual({ refused: 'content_too_large', reads: 0, reports: 0 })
  })

  test('bytes that the host has kept may be as many, and no more', async () => {
    const kept = (size: number) => take(provider, signed, { parsed: Buffer.alloc(size, 'x') })
    expect(await kept(65_536)).toEqual({ refused: 'forbidden', reads: 1, reports: 0 })
    expect(await kept(65_537)).toEqual({ refused: 'content_too_large', reads: 1, reports: 0 })
  })

  test.each(['', 'x', ' '])('nobody reads the body of a request that is signed %j', async (value) => {
    expect(await take(provider, withHeader(signed, signature, value))).toEqual({ refused: 'forbidden', reads: 0, reports: 0 })
  })

  test.each(['Twilio', 'sinch', '__proto__', 'constructor', ''])('it is not %j', async (other) => {
    expect(await take(other, signed)).toEqual({ refused: 'not_found', reads: 0, reports: 0 })
  })

  test('where only the other provider is configured, it is not there', async () => {
    const { [provider]: _, ...other } = { twilio: webhooks.twilio, vonage: webhooks.vonage } as Readonly<Record<string, object | undefined>>
    expect(await take(provider, signed, undefined, { publicUrl, ...other })).toEqual({ refused: 'not_found', reads: 0, reports: 0 })
  })

  test('without options there is no webhook', async () => {
    const receive = createWebhooks(undefined, { report: () => {}, now: Date.now })
    expect(await receive(provider, wireOf(signed))).toBe('not_found')
  })
})

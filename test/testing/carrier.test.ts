import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { SmsMessage } from '../../src/sms/backend.js'
import { outboxBackend } from '../../src/sms/outbox.js'
import { backendContract } from '../../src/testing/backend-contract.js'
import { faultyCarrier } from '../../src/testing/carrier.js'

const message = (over: Partial<SmsMessage> = {}): SmsMessage => ({
  to: '+33612345678' as SmsMessage['to'],
  text: 'Acme: 482913',
  code: '482913',
  purpose: 'login',
  context: {},
  mustContain: ['482913'],
  ...over,
})

function makeCarrier() {
  const outbox = outboxBackend()
  return { outbox, carrier: faultyCarrier(outbox) }
}

/** How a send stands once everything that can go on has gone on. */
async function stateOf(sending: Promise<unknown>): Promise<string> {
  const settled = sending.then(
    () => 'sent',
    (error: { readonly code: string }) => error.code,
  )
  await new Promise((resolve) => setImmediate(resolve))
  return Promise.race([settled, Promise.resolve('waiting')])
}

describe.each([false, true])('contract, unknown after it was sent: %s', (sent) => {
  const makeBackend = () => {
    const { outbox, carrier } = makeCarrier()
    return {
      backend: carrier,
      delivered: () => outbox.messages,
      fail: (how: 'refused' | 'unavailable' | 'unknown') => carrier.fail(how, 9, { sent }),
    }
  }
  backendContract({ test, makeBackend, canFail: true })
})

describe('faultyCarrier', () => {
  test('passes on under the name of the inner backend', async () => {
    const { outbox, carrier } = makeCarrier()
    expect(carrier.name).toBe('outbox')
    expect(await carrier.send(message())).toEqual({ backend: 'outbox', messageId: 'outbox-1' })
    expect(outbox.messages).toEqual([message()])
  })

  test('passes the signal on', async () => {
    const signals: (AbortSignal | undefined)[] = []
    const carrier = faultyCarrier({
      name: 'inner',
      send: async (_, signal) => {
        signals.push(signal)
        return { backend: 'inner', messageId: null }
      },
    })
    const { signal } = new AbortController()
    await carrier.send(message(), signal)
    expect(signals).toEqual([signal])
  })

  test.each([
    ['refused', 'ERR_PV_SMS_REFUSED'],
    ['unavailable', 'ERR_PV_SMS_UNAVAILABLE'],
    ['unknown', 'ERR_PV_SMS_UNKNOWN'],
    ['configuration', 'ERR_PV_CONFIGURATION'],
  ] as const)('fails as %s until it recovers', async (how, code) => {
    const { outbox, carrier } = makeCarrier()
    carrier.fail(how)
    for (let send = 0; send < 3; send += 1) {
      await expect(carrier.send(message())).rejects.toMatchObject({ name: 'PhoneVerifyError', code, backend: 'outbox' })
    }
    expect(outbox.messages).toEqual([])
    carrier.recover()
    expect(await stateOf(carrier.send(message()))).toBe('sent')
  })

  test('fails only as often as told, and the last word counts', async () => {
    const { carrier } = makeCarrier()
    carrier.fail('refused', 5)
    carrier.fail('unavailable', 2)
    const states = []
    for (let send = 0; send < 3; send += 1) states.push(await stateOf(carrier.send(message())))
    expect(states).toEqual(['ERR_PV_SMS_UNAVAILABLE', 'ERR_PV_SMS_UNAVAILABLE', 'sent'])
  })

  test('shares its failures out among sends made at once', async () => {
    const { outbox, carrier } = makeCarrier()
    carrier.fail('unavailable', 2)
    const states = await Promise.all([1, 2, 3].map(() => stateOf(carrier.send(message()))))
    expect(states).toEqual(['ERR_PV_SMS_UNAVAILABLE', 'ERR_PV_SMS_UNAVAILABLE', 'sent'])
    expect(outbox.messages).toHaveLength(1)
  })

  test.each([
    ['unknown', 1],
    ['refused', 0],
    ['unavailable', 0],
    ['configuration', 0],
  ] as const)('%s with sent delivers %i', async (how, delivered) => {
    const { outbox, carrier } = makeCarrier()
    carrier.fail(how, 1, { sent: true })
    await expect(carrier.send(message())).rejects.toMatchObject({ backend: 'outbox' })
    expect(outbox.messages).toHaveLength(delivered)
  })

  test('counts every call, failures included', async () => {
    const { carrier } = makeCarrier()
    expect(carrier.calls).toBe(0)
    await carrier.send(message())
    carrier.fail('refused', 1)
    await stateOf(carrier.send(message()))
    await stateOf(carrier.send(message({ text: '' })))
    await stateOf(carrier.send(message(), AbortSignal.abort()))
    expect(carrier.calls).toBe(4)
  })

  test('spends no failure on a text or a signal that it refuses itself', async () => {
    const { carrier } = makeCarrier()
    carrier.fail('refused', 1)
    expect(await stateOf(carrier.send(message({ text: 'Acme' })))).toBe('ERR_PV_CONFIGURATION')
    expect(await stateOf(carrier.send(message(), AbortSignal.abort()))).toBe('ERR_PV_SMS_UNAVAILABLE')
    expect(await stateOf(carrier.send(message()))).toBe('ERR_PV_SMS_REFUSED')
  })

  test.each(['release', 'recover'] as const)('holds sends until %s', async (verb) => {
    const { outbox, carrier } = makeCarrier()
    carrier.hold()
    const sendings = [carrier.send(message()), carrier.send(message(), new AbortController().signal)]
    expect(await Promise.all(sendings.map(stateOf))).toEqual(['waiting', 'waiting'])
    expect(carrier.calls).toBe(2)
    expect(outbox.messages).toEqual([])
    carrier[verb]()
    await Promise.all(sendings)
    expect(outbox.messages).toHaveLength(2)
    expect(await stateOf(carrier.send(message()))).toBe('sent')
  })

  test('a held send that is aborted ends as unknown and is never sent', async () => {
    const { outbox, carrier } = makeCarrier()
    const controller = new AbortController()
    carrier.hold()
    const sending = carrier.send(message(), controller.signal)
    expect(await stateOf(sending)).toBe('waiting')
    controller.abort(new Error('+33612345678'))
    await expect(sending).rejects.toMatchObject({ code: 'ERR_PV_SMS_UNKNOWN', backend: 'outbox' })
    carrier.release()
    expect(await stateOf(carrier.send(message()))).toBe('sent')
    expect(outbox.messages).toHaveLength(1)
  })

  test('a send held after it was sent is delivered once, whether released or aborted', async () => {
    const { outbox, carrier } = makeCarrier()
    const controller = new AbortController()
    carrier.hold({ sent: true })
    const aborted = carrier.send(message(), controller.signal)
    const released = carrier.send(message())
    expect(await Promise.all([aborted, released].map(stateOf))).toEqual(['waiting', 'waiting'])
    expect(outbox.messages).toHaveLength(2)
    controller.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'ERR_PV_SMS_UNKNOWN' })
    carrier.release()
    expect(await released).toEqual({ backend: 'outbox', messageId: 'outbox-2' })
    expect(outbox.messages).toHaveLength(2)
  })

  test('a signal aborted while the inner backend works ends the wait that follows', async () => {
    const controller = new AbortController()
    const carrier = faultyCarrier({
      name: 'inner',
      send: async () => {
        controller.abort()
        return { backend: 'inner', messageId: null }
      },
    })
    carrier.hold({ sent: true })
    expect(await stateOf(carrier.send(message(), controller.signal))).toBe('ERR_PV_SMS_UNKNOWN')
  })

  test('a held send fails as was decided when it began', async () => {
    const { carrier } = makeCarrier()
    carrier.fail('unavailable', 1)
    carrier.hold()
    const first = carrier.send(message())
    const second = carrier.send(message())
    carrier.recover()
    expect([await stateOf(first), await stateOf(second)]).toEqual(['ERR_PV_SMS_UNAVAILABLE', 'sent'])
  })

  test.each([
    ['refused', false, true, 0],
    ['unknown', false, true, 0],
    ['unknown', true, false, 1],
  ] as const)('%s (sent: %s) says what a held send (sent: %s) delivers', async (how, sent, heldSent, delivered) => {
    const { outbox, carrier } = makeCarrier()
    carrier.fail(how, 1, { sent })
    carrier.hold({ sent: heldSent })
    const sending = carrier.send(message())
    expect(await stateOf(sending)).toBe('waiting')
    expect(outbox.messages).toHaveLength(delivered)
    carrier.release()
    await expect(sending).rejects.toMatchObject({ backend: 'outbox' })
    expect(outbox.messages).toHaveLength(delivered)
  })

  test('a send that waited leaves no listener on its signal', async () => {
    const { carrier } = makeCarrier()
    const { signal } = new AbortController()
    carrier.hold()
    const sending = carrier.send(message(), signal)
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    carrier.release()
    await sending
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})

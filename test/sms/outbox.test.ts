import { describe, expect, test } from 'vitest'
import type { SmsMessage } from '../../src/sms/backend.js'
import { outboxBackend } from '../../src/sms/outbox.js'
import { backendContract } from '../../src/testing/backend-contract.js'

const message = (over: Partial<SmsMessage> = {}): SmsMessage => ({
  to: '+33612345678' as SmsMessage['to'],
  text: 'Acme: 482913',
  code: '482913',
  purpose: 'login',
  context: { app: 'Acme' },
  mustContain: ['482913'],
  ...over,
})

const other = '+14155552671' as SmsMessage['to']

describe('contract', () => {
  const makeBackend = () => {
    const backend = outboxBackend()
    return { backend, delivered: () => backend.messages }
  }
  backendContract({ test, makeBackend })
})

describe('outboxBackend', () => {
  test('keeps messages in order, in one live array', async () => {
    const { messages, send } = outboxBackend()
    expect(messages).toEqual([])
    await send(message())
    await send(message({ to: other }))
    expect(messages).toEqual([message(), message({ to: other })])
  })

  test('keeps frozen copies', async () => {
    const outbox = outboxBackend()
    const context = { app: 'Acme' }
    const mustContain = ['482913']
    await outbox.send(message({ context, mustContain }))
    context.app = 'Other'
    mustContain.push('more')
    const [kept] = outbox.messages
    expect(kept).toEqual(message())
    expect([kept, kept?.context, kept?.mustContain].map((part) => Object.isFrozen(part))).toEqual([true, true, true])
    expect([context, mustContain].map((part) => Object.isFrozen(part))).toEqual([false, false])
  })

  test('adds no property that was not given', async () => {
    const outbox = outboxBackend()
    const { mustContain: _, ...bare } = message()
    await outbox.send(bare)
    expect(Object.keys(outbox.messages[0] ?? {})).toEqual(Object.keys(bare))
  })

  test('last is the newest, or the newest to a number', async () => {
    const outbox = outboxBackend()
    expect(outbox.last()).toBeUndefined()
    await outbox.send(message({ text: 'Acme: 482913, first' }))
    await outbox.send(message({ text: 'Acme: 482913, second' }))
    await outbox.send(message({ to: other }))
    expect(outbox.last()?.to).toBe(other)
    expect(outbox.last('+33612345678')?.text).toBe('Acme: 482913, second')
    expect(outbox.last('+33600000000')).toBeUndefined()
  })

  test('clear forgets messages, but gives no id twice', async () => {
    const outbox = outboxBackend()
    const { messages } = outbox
    expect(await outbox.send(message())).toEqual({ backend: 'outbox', messageId: 'outbox-1' })
    expect(await outbox.send(message())).toEqual({ backend: 'outbox', messageId: 'outbox-2' })
    outbox.clear()
    expect(messages).toEqual([])
    expect(outbox.last()).toBeUndefined()
    expect(await outbox.send(message())).toEqual({ backend: 'outbox', messageId: 'outbox-3' })
    expect(messages).toHaveLength(1)
  })

  test('shares nothing with another outbox', async () => {
    const [one, two] = [outboxBackend(), outboxBackend()]
    await one.send(message())
    expect(two.messages).toEqual([])
    expect(await two.send(message())).toMatchObject({ messageId: 'outbox-1' })
  })

  test('looks at the text before the signal', async () => {
    const sending = outboxBackend().send(message({ text: 'Acme' }), AbortSignal.abort())
    await expect(sending).rejects.toMatchObject({ code: 'ERR_PV_CONFIGURATION', backend: 'outbox' })
  })
})

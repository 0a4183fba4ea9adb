import { describe, expect, test } from 'vitest'
import { adapters } from './adapters.js'
import { play, type Row } from './conversation.js'
import { bodies } from './conversation-bodies.js'
import { outcomes } from './conversation-outcomes.js'
import { requests } from './conversation-requests.js'

const rows: readonly Row[] = [...outcomes, ...bodies, ...requests]

const eachAdapter = <Value>(read: (adapter: (typeof adapters)[number]) => Value) =>
  Object.fromEntries(adapters.map((adapter) => [adapter.name, read(adapter)]))

describe('every adapter answers alike, to the byte (T-WEB-01, T-WEB-02, T-WEB-03)', () => {
  test.each(rows)('$name', async (row) => {
    const played = await Promise.all(adapters.map(async (adapter) => [adapter.name, await play(adapter, row)] as const))
    const results = Object.fromEntries(played)

    expect(Object.fromEntries(played.map(([name, { answer }]) => [name, answer]))).toEqual(
      eachAdapter(({ name }) => row.except?.[name]?.answer ?? row.answer),
    )
    const alike = Object.entries(results).filter(([name]) => row.except?.[name] === undefined)
    expect(new Set(alike.map(([, { bytes }]) => bytes)).size).toBe(1)
    for (const { tells, sent, smsLocale } of Object.values(results)) {
      expect(tells).toBe(false)
      if (row.sent !== undefined) expect(sent).toBe(row.sent)
      if (row.smsLocale !== undefined) expect(smsLocale).toBe(row.smsLocale)
    }
  })

  test('rows have names of their own, and there are enough of them', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
    expect(rows.length).toBeGreaterThanOrEqual(120)
  })
})

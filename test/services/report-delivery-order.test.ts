import fc from 'fast-check'
import type { DeliveryReport, PhoneVerifyEvent } from 'phone-verify'
import { createTestVerifier } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { createEvents } from '../../src/services/events.js'
import { createReportDelivery } from '../../src/services/report-delivery.js'

function makeReports() {
  const events: PhoneVerifyEvent[] = []
  const report = createReportDelivery(
    createEvents(
      (event) => events.push(event),
      () => 7,
    ),
  )
  return {
    report,
    events,
    /** The statuses that became an event, each with its message. */
    told: (...reports: readonly (readonly [status: DeliveryReport['status'], messageId?: string, backend?: string])[]) => {
      const before = events.length
      for (const [status, messageId = 'SM1', backend = 'twilio'] of reports) report({ backend, messageId, status })
      return events.slice(before).map((event) => ('outcome' in event ? event.outcome : event.type))
    },
  }
}

describe('what comes late says nothing', () => {
  test.each<readonly [order: readonly DeliveryReport['status'][], told: readonly DeliveryReport['status'][]]>([
    [['delivered', 'sent', 'accepted'], ['delivered']],
    [
      ['sent', 'accepted', 'delivered'],
      ['sent', 'delivered'],
    ],
    [['failed', 'sent', 'accepted'], ['failed']],
    // What is over stays as it is.
    [['delivered', 'failed'], ['delivered']],
    [['failed', 'delivered'], ['failed']],
  ])('%j', (order, told) => {
    expect(makeReports().told(...order.map((status) => [status] as const))).toEqual(told)
  })

  test('whatever the order, a status never goes back, and ends once', () => {
    const stage = { accepted: 0, sent: 1, delivered: 2, failed: 2 }
    const statuses = fc.array(fc.constantFrom('accepted', 'sent', 'delivered', 'failed'), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(statuses, (order) => {
        const told = makeReports().told(...order.map((status) => [status] as const)) as (keyof typeof stage)[]
        const stages = told.map((status) => stage[status])
        expect(stages).toEqual([...new Set(stages)].sort())
        expect(stages.at(-1)).toBe(Math.max(...order.map((status) => stage[status])))
      }),
    )
  })
})

test('messages and providers are apart, also where their names run into each other', () => {
  const { told } = makeReports()
  const reports = [
    ['twilio', '1'],
    ['twilio', '2'],
    ['vonage', '1'],
    ['a', 'b c'],
    ['a b', 'c'],
    ['a b ', 'c'],
    ['1', '1 x'],
    ['11', ' x'],
  ] as const
  for (const [backend, messageId] of reports) expect(told(['delivered', messageId, backend])).toEqual(['delivered'])
  for (const [backend, messageId] of reports) expect(told(['delivered', messageId, backend])).toEqual([])
})

test('nobody listens: nothing is thrown', () => {
  const report = createReportDelivery(createEvents(undefined, () => 7))
  expect(() => report({ backend: 'twilio', messageId: 'SM1', status: 'sent' })).not.toThrow()
})

test('a request that is none', () => {
  for (const wrong of [undefined, null, 'x'])
    expect(() => makeReports().report(wrong as never)).toThrow(expect.objectContaining({ code: 'ERR_PV_ARGUMENT', field: 'report' }))
})

test('the verifier passes it on', () => {
  const { verifier, events } = createTestVerifier()
  verifier.reportDelivery({ backend: 'twilio', messageId: 'SM1', status: 'delivered' })
  verifier.reportDelivery({ backend: 'twilio', messageId: 'SM1', status: 'sent' })
  expect(events).toMatchObject([{ type: 'report', outcome: 'delivered' }])
})

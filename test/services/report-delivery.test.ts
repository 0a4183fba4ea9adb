import type { DeliveryReport } from 'phone-verify'
import { describe, expect, test } from 'vitest'
import { createReportDelivery } from '../../src/services/report-delivery.js'

function makeReports() {
  const told: unknown[] = []
  const report = createReportDelivery({ heard: () => true, emit: (event) => told.push(event) })
  return {
    told,
    report: (status: string, messageId = 'SM1', backend = 'twilio') => report({ backend, messageId, status } as DeliveryReport),
  }
}

const outcomes = (told: readonly unknown[]) => told.map((event) => (event as { readonly outcome: string }).outcome)

describe('reportDelivery', () => {
  test('tells what the provider said, once', () => {
    const { told, report } = makeReports()
    for (let replay = 0; replay < 1_000; replay++) report('delivered')
    expect(told).toEqual([{ type: 'report', outcome: 'delivered', backend: 'twilio', messageId: 'SM1' }])
  })

  test('each stage in its order, and none that is behind', () => {
    const { told, report } = makeReports()
    for (const status of ['accepted', 'sent', 'accepted', 'delivered', 'sent', 'delivered', 'accepted']) report(status)
    expect(outcomes(told)).toEqual(['accepted', 'sent', 'delivered'])
  })

  test('what was delivered does not fail, and what failed was not delivered', () => {
    const { told, report } = makeReports()
    for (const status of ['delivered', 'failed']) report(status, 'a')
    for (const status of ['failed', 'delivered']) report(status, 'b')
    expect(outcomes(told)).toEqual(['delivered', 'failed'])
  })

  test('messages of one id from two providers are two', () => {
    const { told, report } = makeReports()
    report('sent', 'one', 'twilio')
    report('sent', 'one', 'vonage')
    report('sent', 'two', 'vonage')
    expect(told).toHaveLength(3)
  })

  test('the memory of reports has an end: the one not heard of for the longest is forgotten', () => {
    const { told, report } = makeReports()
    for (let index = 0; index < 10_000; index++) report('sent', `m${index}`)
    report('delivered', 'm0')
    report('sent', 'one more')
    expect(told).toHaveLength(10_002)
    report('sent', 'm0')
    expect(told).toHaveLength(10_002)
    report('sent', 'm1')
    expect(told).toHaveLength(10_003)
  })

  test.each([
    ['backend', { backend: '' }],
    ['backend', { backend: 5 }],
    ['messageId', { messageId: undefined }],
    ['messageId', { messageId: 'x'.repeat(101) }],
    ['status', { status: 'verified' }],
    ['status', { status: undefined }],
    ['providerCode', { providerCode: '' }],
  ])('a wrong %s is named', (field, wrong) => {
    const report = createReportDelivery({ heard: () => true, emit: () => {} })
    const given = { backend: 'twilio', messageId: 'SM1', status: 'sent', ...wrong } as DeliveryReport
    expect(() => report(given)).toThrow(expect.objectContaining({ code: 'ERR_PV_ARGUMENT', field }))
  })
})

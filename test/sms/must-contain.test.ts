import { describe, expect, test } from 'vitest'
import type { PhoneVerifyError } from '../../src/errors.js'
import type { SmsMessage } from '../../src/sms/backend.js'
import { requireText } from '../../src/sms/must-contain.js'

const message = (over: Partial<SmsMessage>): SmsMessage => ({
  to: '+33612345678' as SmsMessage['to'],
  text: 'Acme: 351207 pays 49.90 to Zoë',
  code: '351207',
  purpose: 'payment',
  context: { app: 'Acme', amount: 49.9, payee: 'Zoë', line_2: 'marmalade' },
  ...over,
})

function refusalOf(over: Partial<SmsMessage>): PhoneVerifyError {
  try {
    requireText(message(over), 'leaf')
  } catch (error) {
    return error as PhoneVerifyError
  }
  throw new Error('nothing was refused')
}

const accepts = (over: Partial<SmsMessage>) => expect(() => requireText(message(over), 'leaf')).not.toThrow()

describe('requireText', () => {
  test.each([[undefined], [[]], [['']], [['351207', '49.90', 'Zoë']], [['Acme: 351207 pays 49.90 to Zoë']]])(
    'accepts a text that has all of %j',
    (mustContain) => {
      accepts(mustContain ? { mustContain } : {})
    },
  )

  test.each(['', ' ', '\n\t\u00a0', undefined, null, 7])('refuses %j for a text', (text) => {
    const error = refusalOf({ text: text as string })
    expect(error).toMatchObject({ code: 'ERR_PV_CONFIGURATION', message: 'text: is empty', backend: 'leaf' })
    expect(error.problems).toEqual([{ option: 'text', message: 'is empty' }])
  })

  test('names every kind that is missing', () => {
    const error = refusalOf({ text: 'Acme', mustContain: ['351207', 'Acme', 'Zoë', 'marmalade', 'elsewhere'] })
    const kinds = ['lacks the code', 'lacks the field payee', 'lacks a value that must be read', 'lacks a value that must be read']
    expect(error).toMatchObject({ code: 'ERR_PV_CONFIGURATION', message: `text: ${kinds.join(', ')}`, backend: 'leaf' })
    expect(error.problems).toEqual(kinds.map((kind) => ({ option: 'text', message: kind })))
  })

  test('never says the value', () => {
    const { message: said, stack, problems, cause } = refusalOf({ text: 'Acme', mustContain: ['351207', 'Zoë', '49.9', 'elsewhere'] })
    expect(JSON.stringify([said, stack, problems, cause])).not.toMatch(/351207|Zoë|49\.9|elsewhere|33612345678/)
  })

  test.each([
    ['5', 'Acme: 351207'],
    ['35120', 'Acme: 351207'],
    ['51207', 'Acme: 351207'],
    ['49', 'Acme: 351207, 149 to Zoë'],
    ['٤', 'رمزك ٤٨٢'],
  ])('does not find %s within the longer number of "%s"', (part, text) => {
    expect(refusalOf({ text, mustContain: [part] }).code).toBe('ERR_PV_CONFIGURATION')
  })

  test.each([
    ['5', 'Acme: 351207, 5 EUR'],
    ['5', 'EUR5.00'],
    ['351207', '@example.com #351207'],
    ['EUR 5', 'EUR 50 or EUR 5'],
    ['11', '111 or 11'],
    ['true', 'untrue'],
  ])('finds %s in "%s"', (part, text) => accepts({ text, mustContain: [part] }))

  test('tells letter case apart', () => {
    expect(refusalOf({ mustContain: ['zoë'] }).code).toBe('ERR_PV_CONFIGURATION')
  })

  test('needs no context', () => {
    const { context: _, ...bare } = message({ text: 'Acme', mustContain: ['Zoë'] })
    expect(() => requireText(bare as SmsMessage, 'leaf')).toThrow('text: lacks a value that must be read')
  })
})

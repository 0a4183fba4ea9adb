import fc from 'fast-check'
import type { Asked, Bound, Challenge, Named } from './reference.js'

// What the commands of the model are given: chosen so that sequences meet themselves again, one phone, one purpose, one client.

const often = <Value>(usual: Value, ...others: readonly Value[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) })

/** How far back from the newest: what was made last is used most. */
export const back = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(9) })

export const purposes = {
  login: { resend: 'same', ledger: 'phone', subject: 'compare' },
  two_factor: { resend: 'same', ledger: 'subject', subject: 'compare' },
  delivery_pin: { resend: 'new', ledger: 'phone', subject: 'compare' },
  invitation: { resend: 'new', ledger: 'subject', subject: 'return' },
} as const
export type Purpose = keyof typeof purposes

const names = Object.keys(purposes) as Purpose[]
/** One of the purposes, or none. */
export const onePurpose = fc.constantFrom(undefined, ...names)

export const bounds: fc.Arbitrary<Bound> = fc.record({
  tenant: often<string | undefined>(undefined, 'acme', 'acme', 'nobody'),
  purpose: fc.oneof(fc.constantFrom<Purpose>('login', 'delivery_pin'), fc.constantFrom(...names)),
  subject: often<string | undefined>(undefined, 'ann', 'bob'),
  payload: often<Bound['payload']>(undefined, { amount: '10 EUR' }, { amount: '99 EUR' }),
})

/** Spellings of numbers. The first two are one, and share a block of ten thousand with the third. */
const phones = [
  { typed: '+33612345678', phone: '+33612345678' },
  { typed: '+33 6 12-34-56-78', phone: '+33612345678' },
  { typed: '+33612345600', phone: '+33612345600' },
  { typed: '+14155552671', phone: '+14155552671' },
] as const
const refused = [
  { typed: 'call me', refused: 'invalid_phone_number' },
  { typed: '+447400123456', refused: 'country_not_allowed' },
  { typed: '+33142345678', refused: 'number_type_not_allowed' },
] as const
export const someone = fc.record({ tenant: often<string | undefined>(undefined, 'acme'), number: fc.constantFrom(...phones) })
/** Whom a narrow sequence is about. */
export const oneNumber = phones[0]
export const numbers = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(phones[0], phones[1]) },
  { weight: 5, arbitrary: fc.constantFrom(phones[2], phones[3]) },
  { weight: 1, arbitrary: fc.constantFrom(...refused) },
)

/** Clients, and what each is counted by: IPv6 by its /64, a mapped address as the one it maps. */
export const clients = fc.constantFrom(
  { client: undefined, counted: undefined },
  { client: {}, counted: undefined },
  { client: { id: 'device-1', ip: '192.0.2.1' }, counted: 'device-1' },
  { client: { ip: '192.0.2.1' }, counted: '192.0.2.1' },
  { client: { ip: '::ffff:192.0.2.1' }, counted: '192.0.2.1' },
  { client: { ip: '2001:db8::1' }, counted: '2001:db8::/64' },
  { client: { ip: '2001:db8:0:0:ffff::2' }, counted: '2001:db8::/64' },
)

/** What the application and the provider do with a send. */
export interface Circumstances {
  readonly who: { readonly client: { readonly id?: string; readonly ip?: string } | undefined; readonly counted: string | undefined }
  readonly admission: 'yes' | 'no' | 'throws'
  readonly sms: Asked['sms']
  /** Whether an SMS that may have been sent arrives. */
  readonly arrives: boolean
}

export const circumstances: fc.Arbitrary<Circumstances> = fc.record({
  who: clients,
  admission: fc.oneof({ weight: 9, arbitrary: fc.constant('yes' as const) }, fc.constantFrom('no' as const, 'throws' as const)),
  sms: often<Asked['sms']>('accepted', 'unknown', 'refused', 'unavailable', 'configuration'),
  arrives: fc.boolean(),
})

/** One word of what is named when a code or a proof comes back is another. */
type Twist = 'none' | 'tenant' | 'purpose' | 'subject' | 'no subject' | 'payload' | 'phone' | 'same phone'

const twisted = fc.constantFrom<Twist>('tenant', 'purpose', 'subject', 'no subject', 'payload', 'phone', 'same phone')
export const twists = fc.oneof({ weight: 7, arbitrary: fc.constant<Twist>('none') }, { weight: 1, arbitrary: twisted })
export const manyTwists = fc.oneof(fc.constant<Twist>('none'), twisted)

export function named(challenge: Challenge | undefined, twist: Twist): Named {
  const { tenant, purpose, subject, payload, phone } = challenge ?? { purpose: 'login', phone: '+33612345678' }
  const bound = { tenant, purpose, subject, payload, phone: undefined }
  if (twist === 'tenant') return { ...bound, tenant: tenant === 'acme' ? undefined : 'acme' }
  if (twist === 'purpose') return { ...bound, purpose: purpose === 'login' ? 'delivery_pin' : 'login' }
  if (twist === 'subject') return { ...bound, subject: subject === 'ann' ? 'bob' : 'ann' }
  if (twist === 'no subject') return { ...bound, subject: undefined }
  if (twist === 'payload') return { ...bound, payload: { amount: payload?.['amount'] === '10 EUR' ? '99 EUR' : '10 EUR' } }
  if (twist === 'phone') return { ...bound, phone: phone === '+14155552671' ? '+33612345678' : '+14155552671' }
  return twist === 'same phone' ? { ...bound, phone } : bound
}

/** The same digits, as somebody's keyboard has them. */
export const spellings = {
  plain: (code: string) => code,
  spaced: (code: string) => code.replace(/^(\d{3})(\d{3})/, '$1 $2-'),
  arabic: (code: string) => code.replace(/\d/g, (digit) => '٠١٢٣٤٥٦٧٨٩'[Number(digit)] as string),
}
export const spelling = fc.constantFrom<keyof typeof spellings>('plain', 'spaced', 'arabic')

export const guesses = fc.oneof(
  { weight: 5, arbitrary: fc.constant('wrong' as const) },
  { weight: 3, arbitrary: fc.constant('right' as const) },
  { weight: 2, arbitrary: fc.constantFrom('old' as const, 'other' as const) },
  { weight: 1, arbitrary: fc.constantFrom('', '12345', '12345678901', 'abcdefghij') },
)

/** Mostly to where something ends, a millisecond before or after it; soonest first, so that codes still live. */
export const ticks = fc.oneof(
  { weight: 12, arbitrary: fc.record({ boundary: fc.oneof(fc.constant(0), fc.nat(12)), offsetMs: fc.constantFrom(-1, 0, 1) }) },
  { weight: 4, arbitrary: fc.constantFrom(0, 1, 1_000, 60_000) },
  { weight: 1, arbitrary: fc.constantFrom(3_600_000, 86_400_000, 31 * 86_400_000) },
)

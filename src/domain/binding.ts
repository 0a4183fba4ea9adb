import type { PhoneNumber } from './phone-number.js'

/** What a person approves: amount, payee. Flat, so that every value can be printed in the text of the SMS. */
export type Payload = Readonly<Record<string, string | number | boolean>>

/** What a code or a proof was issued for. It opens this and nothing else (OWASP ASVS 5.0, 6.6.2). */
export interface Binding {
  readonly tenant: string | undefined
  readonly purpose: string
  readonly subject: string | undefined
  readonly payload: Payload | undefined
}

/**
 * Whether what the server names now is what was bound at the send. The binding is exact: what was absent then must be absent now. Only
 * where the policy returns the subject may it go unsaid.
 */
export function isBoundTo(bound: Binding, named: Binding, returnsSubject: boolean): boolean {
  if (named.tenant !== bound.tenant || named.purpose !== bound.purpose) return false
  if (named.subject !== bound.subject && !(returnsSubject && named.subject === undefined)) return false
  return spelling(named.payload) === spelling(bound.payload)
}

/**
 * The one spelling of a payload (RFC 8785, JSON Canonicalization Scheme): members sorted by UTF-16 code units, numbers and strings as
 * ECMAScript writes them. Two payloads are the same if and only if their spellings are.
 */
export function canonicalPayload(payload: Payload): string {
  const members = Object.keys(payload).sort()
  return `{${members.map((name) => `${JSON.stringify(name)}:${JSON.stringify(payload[name])}`).join(',')}}`
}

/** The fields of an outcome that are there. */
export const present = ({ phone, purpose, tenant, subject, payload }: Binding & { readonly phone: PhoneNumber }) => ({
  phone,
  purpose,
  ...(tenant !== undefined && { tenant }),
  ...(subject !== undefined && { subject }),
  ...(payload !== undefined && { payload }),
})

const spelling = (payload: Payload | undefined) => payload && canonicalPayload(payload)

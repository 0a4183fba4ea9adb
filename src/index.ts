export type { Payload } from './domain/binding.js'
export type { Client } from './domain/client.js'
export type { Context } from './domain/field.js'
export type { Limit, LimitName, Limits } from './domain/limits.js'
export {
  type NumberType,
  type ParsedPhoneNumber,
  type PhoneNumber,
  type PhoneNumberRules,
  parsePhoneNumber,
} from './domain/phone-number.js'
export type { BuiltInPurpose, DeliveryMode, Policy, PolicyOverrides } from './domain/purpose.js'
export { type ErrorCode, type ErrorDetails, PhoneVerifyError, type Problem } from './errors.js'
export type { DeadlineOptions, PhoneVerifierOptions, ProofKeyOption, TenantOptions, TestNumberOption } from './options.js'
export type { Admission, AdmissionRequest, Admit } from './services/admission.js'
export type { Facts, PhoneVerifyEvent, Reported, Warning } from './services/events.js'
export type { PublicJwk, PublicJwks } from './services/proof.js'
export type { DeliveryReport } from './services/report-delivery.js'
export type * from './services/verbs.js'
export type { SmsBackend, SmsMessage, SmsReceipt } from './sms/backend.js'
export type * from './store/store.js'
export { createPhoneVerifier, type PhoneVerifier } from './verifier.js'

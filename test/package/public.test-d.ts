import {
  type Admit,
  type CodeSent,
  type CodeVerified,
  createPhoneVerifier,
  type ErrorCode,
  type PhoneNumber,
  type PhoneVerifier,
  type PhoneVerifierOptions,
  PhoneVerifyError,
  type PhoneVerifyEvent,
  parsePhoneNumber,
  type RedeemProofRequest,
  type SendCodeOutcome,
  type SendCodeRequest,
  type SmsBackend,
  type Store,
  type VerifyCodeOutcome,
  type VerifyCodeRequest,
} from 'phone-verify'
import { consoleBackend } from 'phone-verify/sms/console'
import { outboxBackend } from 'phone-verify/sms/outbox'
import { memoryStore } from 'phone-verify/store/memory'
import { type backendContract, createTestVerifier, type storeContract } from 'phone-verify/testing'
import { describe, expectTypeOf, test } from 'vitest'

// Read by the compiler, never run. `types.test.ts` shows that each kind of mistake below is found.

declare const verifier: PhoneVerifier
declare const sent: SendCodeOutcome
declare const checked: VerifyCodeOutcome

type Reason<Outcome> = Extract<Outcome, { readonly ok: false }> extends { readonly reason: infer Name } ? Name : never
type Resolved<Verb extends keyof PhoneVerifier> = Awaited<ReturnType<PhoneVerifier[Verb]>>

describe('outcomes are told apart by ok and reason', () => {
  test('a send', () => {
    expectTypeOf<Reason<SendCodeOutcome>>().toEqualTypeOf<
      | 'invalid_phone_number'
      | 'country_not_allowed'
      | 'number_type_not_allowed'
      | 'undeliverable'
      | 'blocked'
      | 'unknown_tenant'
      | 'rate_limited'
    >()
    if (sent.ok) {
      expectTypeOf(sent).toEqualTypeOf<CodeSent>()
      expectTypeOf(sent.sessionToken).toBeString()
      expectTypeOf(sent.delivery).toEqualTypeOf<'accepted' | 'unknown' | 'pending'>()
      expectTypeOf(sent.expiresAt).toEqualTypeOf<Date>()
      expectTypeOf(sent.limits[0]).toEqualTypeOf<
        { readonly limit: string; readonly remaining: number; readonly resetMs: number } | undefined
      >()
    } else if (sent.reason === 'rate_limited') {
      expectTypeOf(sent.retryAfterMs).toBeNumber()
      expectTypeOf(sent.limit).toBeString()
    } else {
      expectTypeOf(sent).not.toHaveProperty('retryAfterMs')
      expectTypeOf(sent).not.toHaveProperty('sessionToken')
    }
  })

  test('a resend has the reasons of a send, and four of its own', () => {
    type Own = 'invalid_session' | 'expired' | 'too_many_attempts' | 'already_used'
    expectTypeOf<Reason<Resolved<'resendCode'>>>().toEqualTypeOf<Reason<SendCodeOutcome> | Own>()
  })

  test('a check', () => {
    if (checked.ok) {
      expectTypeOf(checked).toEqualTypeOf<CodeVerified>()
      expectTypeOf(checked.phone).toEqualTypeOf<PhoneNumber>()
      expectTypeOf(checked.proof).toBeString()
      expectTypeOf(checked.subject).toEqualTypeOf<string | undefined>()
      return
    }
    switch (checked.reason) {
      case 'incorrect_code':
        return expectTypeOf(checked.attemptsLeft).toBeNumber()
      case 'locked':
      case 'rate_limited':
        return expectTypeOf(checked.retryAfterMs).toBeNumber()
      case 'malformed_code':
      case 'invalid_session':
      case 'expired':
      case 'too_many_attempts':
      case 'already_used':
      case 'unknown_tenant':
        return expectTypeOf(checked).not.toHaveProperty('attemptsLeft')
      default:
        // Every reason has its case: another one would not be never.
        return expectTypeOf(checked).toBeNever()
    }
  })

  test('a redemption, a delivery, a notice', () => {
    expectTypeOf<Reason<Resolved<'redeemProof'>>>().toEqualTypeOf<'invalid_proof' | 'expired' | 'already_redeemed' | 'unknown_tenant'>()
    expectTypeOf<Reason<Resolved<'deliver'>>>().toEqualTypeOf<'already_delivered' | 'undeliverable' | 'expired' | 'invalid_session'>()
    type Notice = 'invalid_phone_number' | 'undeliverable' | 'unavailable' | 'rate_limited' | 'unknown_tenant'
    expectTypeOf<Reason<Resolved<'notify'>>>().toEqualTypeOf<Notice>()
    expectTypeOf<Reason<Resolved<'unlock' | 'forget'>>>().toEqualTypeOf<'invalid_phone_number' | 'unknown_tenant'>()
    expectTypeOf<Resolved<'ready' | 'close'>>().toBeVoid()
    expectTypeOf<Resolved<'jwks'>>().toHaveProperty('keys')
  })
})

describe('a PhoneNumber', () => {
  test('is a string, and no string is one', () => {
    expectTypeOf<PhoneNumber>().toExtend<string>()
    expectTypeOf<string>().not.toExtend<PhoneNumber>()
    expectTypeOf<'+14155552671'>().not.toExtend<PhoneNumber>()
  })

  test('comes from parsing', () => {
    const parsed = parsePhoneNumber('+14155552671')
    if (parsed.ok) expectTypeOf(parsed.phone).toEqualTypeOf<PhoneNumber>()
    else expectTypeOf(parsed.reason).toEqualTypeOf<'invalid_phone_number' | 'country_not_allowed' | 'number_type_not_allowed'>()
  })
})

describe('requests', () => {
  test('what the visitor says may be anything', () => {
    expectTypeOf<SendCodeRequest['phone']>().toBeUnknown()
    expectTypeOf<SendCodeRequest['locale']>().toBeUnknown()
    expectTypeOf<VerifyCodeRequest['code']>().toBeUnknown()
    expectTypeOf<VerifyCodeRequest['sessionToken']>().toBeUnknown()
    expectTypeOf<RedeemProofRequest['proof']>().toBeUnknown()
    expectTypeOf(verifier.deliver).parameter(0).toBeUnknown()
  })

  test('what the server says has its type, and undefined is absent', () => {
    expectTypeOf<SendCodeRequest['purpose']>().toBeString()
    expectTypeOf<VerifyCodeRequest['purpose']>().toBeString()
    expectTypeOf<SendCodeRequest['tenant']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<SendCodeRequest['decoy']>().toEqualTypeOf<boolean | undefined>()
    expectTypeOf<SendCodeRequest['signal']>().toEqualTypeOf<AbortSignal | undefined>()
    expectTypeOf<NonNullable<SendCodeRequest['payload']>[string]>().toEqualTypeOf<string | number | boolean>()
  })

  test('wrong fields are refused', () => {
    // @ts-expect-error a purpose is required
    void verifier.sendCode({ phone: '+14155552671' })
    // @ts-expect-error no such field
    void verifier.sendCode({ phone: '+14155552671', purpose: 'login', number: '1' })
    // @ts-expect-error null is not absent
    void verifier.sendCode({ phone: '+14155552671', purpose: 'login', tenant: null })
    // @ts-expect-error a payload is flat
    void verifier.sendCode({ phone: '+14155552671', purpose: 'payment', payload: { to: { name: 'Ada' } } })
    // @ts-expect-error the only channel is sms
    void verifier.sendCode({ phone: '+14155552671', purpose: 'login', channel: 'voice' })
    // @ts-expect-error a check names its purpose
    void verifier.verifyCode({ sessionToken: '', code: '' })
    // @ts-expect-error there is no check without a token
    void verifier.verifyCode({ phone: '+14155552671', code: '123456', purpose: 'login' })
    // @ts-expect-error a client is no string
    void verifier.verifyCode({ sessionToken: '', code: '', purpose: 'login', client: '203.0.113.7' })
    // @ts-expect-error a proof is redeemed for a purpose
    void verifier.redeemProof({ proof: '' })
  })
})

describe('options', () => {
  const required = { store: memoryStore(), sms: consoleBackend(), secret: 'x', appName: 'Acme', countries: ['FR'] } as const

  test('the required ones are enough', () => {
    expectTypeOf(required).toExtend<PhoneVerifierOptions>()
    expectTypeOf(createPhoneVerifier(required)).toEqualTypeOf<PhoneVerifier>()
    type Required = { [Name in keyof PhoneVerifierOptions as undefined extends PhoneVerifierOptions[Name] ? never : Name]: true }
    expectTypeOf<keyof Required>().toEqualTypeOf<'store' | 'sms' | 'secret' | 'appName' | 'countries'>()
  })

  test('wrong ones are refused', () => {
    // @ts-expect-error countries are listed, or '*'
    createPhoneVerifier({ ...required, countries: 'FR' })
    // @ts-expect-error no such option
    createPhoneVerifier({ ...required, ttl: 300 })
    // @ts-expect-error no such limit
    createPhoneVerifier({ ...required, limits: { sendsPerPlanet: [] } })
    // @ts-expect-error a window is milliseconds and says so
    createPhoneVerifier({ ...required, limits: { sendsPerPhone: [{ max: 5, window: 3_600 }] } })
    // @ts-expect-error no such delivery
    createPhoneVerifier({ ...required, purposes: { login: { delivery: 'later' } } })
    // @ts-expect-error libphonenumber's names are upper case
    createPhoneVerifier({ ...required, numberTypes: ['mobile'] })
    // @ts-expect-error a test number has an end
    createPhoneVerifier({ ...required, testNumbers: [{ phone: '+15550100', code: '123456' }] })
  })

  test('admit answers yes or blocked', () => {
    expectTypeOf<Awaited<ReturnType<Admit>>>().toEqualTypeOf<{ readonly ok: true } | { readonly ok: false; readonly reason: 'blocked' }>()
    expectTypeOf<Parameters<Admit>[0]['phone']>().toEqualTypeOf<PhoneNumber>()
  })
})

describe('errors and events', () => {
  test('codes are a closed list', () => {
    expectTypeOf<PhoneVerifyError['code']>().toEqualTypeOf<ErrorCode>()
    expectTypeOf<ErrorCode>().toExtend<`ERR_PV_${string}`>()
    // @ts-expect-error no such code
    new PhoneVerifyError('ERR_PV_OTHER', '')
  })

  test('events are told apart by type', () => {
    const event = {} as PhoneVerifyEvent
    expectTypeOf(event.at).toBeNumber()
    if (event.type === 'warning')
      expectTypeOf(event.warning).toEqualTypeOf<
        'no_client' | 'weak_secret' | 'admit_failed' | 'store_reaches_one_process' | 'store_not_persistent' | 'store_unfenced'
      >()
    else if (event.type === 'report') expectTypeOf(event.messageId).toBeString()
    else expectTypeOf(event.durationMs).toBeNumber()
    if (event.type === 'verify') expectTypeOf(event.outcome).toEqualTypeOf<'ok' | Reason<VerifyCodeOutcome> | ErrorCode>()
    expectTypeOf(event).not.toHaveProperty('phone')
  })
})

describe('adapters', () => {
  test('are what the contracts ask for', () => {
    expectTypeOf(memoryStore).returns.toExtend<Store>()
    expectTypeOf(consoleBackend).returns.toExtend<SmsBackend>()
    expectTypeOf(outboxBackend).returns.toExtend<SmsBackend>()
  })

  test('a test function of vitest fits the contracts, and the test verifier is a verifier', () => {
    expectTypeOf(test).toExtend<Parameters<typeof backendContract>[0]['test']>()
    expectTypeOf(test).toExtend<Parameters<typeof storeContract>[0]['test']>()
    expectTypeOf(createTestVerifier().verifier).toEqualTypeOf<PhoneVerifier>()
  })
})

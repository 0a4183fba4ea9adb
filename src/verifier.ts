import { settleWithin } from './domain/deadline.js'
import { ownFields } from './domain/field.js'
import { createKeyring } from './domain/keyring.js'
import { isSamePhone } from './domain/phone-number.js'
import { ownWords, PhoneVerifyError } from './errors.js'
import type { PhoneVerifierOptions } from './options.js'
import { createAdmission } from './services/admission.js'
import { createBackground } from './services/background.js'
import { createBeginChallenge } from './services/begin-challenge.js'
import { createCall } from './services/call.js'
import type { Call } from './services/challenge.js'
import { createClaims } from './services/claims.js'
import { createCodes } from './services/codes.js'
import { createDeliver } from './services/deliver.js'
import { createDelivery } from './services/delivery.js'
import { createDispatch } from './services/dispatch.js'
import { createEvents, type VerbName, type Warning } from './services/events.js'
import { createForget } from './services/forget.js'
import { createHandOver } from './services/hand-over.js'
import { createJwe } from './services/jwe.js'
import { codeMessage } from './services/message.js'
import { noticeMessage } from './services/notice.js'
import { createNotify, unavailable } from './services/notify.js'
import { createOpenChallenge } from './services/open-challenge.js'
import { pause } from './services/pause.js'
import { createProofs, type PublicJwks, proofType, publicKeys } from './services/proof.js'
import { createQuotas } from './services/quotas.js'
import { createRedeemProof } from './services/redeem-proof.js'
import { createReportDelivery, type DeliveryReport } from './services/report-delivery.js'
import { createResendCode } from './services/resend-code.js'
import { createSendCode } from './services/send-code.js'
import { createSessionTokens, sessionType } from './services/session-token.js'
import { hasSiblings } from './services/siblings.js'
import { createStartUp } from './services/start-up.js'
import { createTenants } from './services/tenants.js'
import { createUnlock } from './services/unlock.js'
import type * as verbs from './services/verbs.js'
import { createVerifyCode } from './services/verify-code.js'
import { readSettings } from './settings.js'
import { guarded } from './store/guarded.js'

/** Proves that a person holds a phone. Every verb resolves to an outcome, or rejects with a `PhoneVerifyError`. */
export interface PhoneVerifier {
  /** Runs the store's start-up checks. Every call waits for them; calling it first fails a bad deployment early. Throws `ERR_PV_STORE`, `ERR_PV_CONFIGURATION`. */
  ready(): Promise<void>
  /** Opens a challenge and sends its code. Throws `ERR_PV_ARGUMENT`, `ERR_PV_STORE`, `ERR_PV_SMS_UNAVAILABLE`, `ERR_PV_CONFIGURATION` (a text that lacks what it must hold), `ERR_PV_TENANTS`, `ERR_PV_TIMEOUT`, `ERR_PV_ABORTED`; as every verb, `ERR_PV_CLOSED`. */
  sendCode(request: verbs.SendCodeRequest): Promise<verbs.SendCodeOutcome>
  /** Sends the code of a challenge again. Never gives attempts back. Throws as `sendCode` does. */
  resendCode(request: verbs.ResendCodeRequest): Promise<verbs.ResendCodeOutcome>
  /** Compares one guess. Success is had once, and gives a proof. Throws `ERR_PV_ARGUMENT`, `ERR_PV_STORE`, `ERR_PV_TENANTS`, `ERR_PV_TIMEOUT`. */
  verifyCode(request: verbs.VerifyCodeRequest): Promise<verbs.VerifyCodeOutcome>
  /** Turns a proof, once, into the verified phone. Throws as `verifyCode` does. */
  redeemProof(request: verbs.RedeemProofRequest): Promise<verbs.RedeemProofOutcome>
  /** Sends a deferred code, from a worker. Throws `ERR_PV_SMS_UNAVAILABLE` when it certainly was not sent: call again. */
  deliver(sessionToken: unknown, options?: { readonly signal?: AbortSignal | undefined }): Promise<verbs.DeliverOutcome>
  /** Sends a text without a code. Never throws for the world's faults; `ERR_PV_ARGUMENT` and `ERR_PV_CONFIGURATION` for the programmer's. */
  notify(request: verbs.NotifyRequest): Promise<verbs.NotifyOutcome>
  /** Clears the ledger of a phone. */
  unlock(request: verbs.UnlockRequest): Promise<verbs.AdministrationOutcome>
  /** Drops the send records of a phone. The ledger stays until its window ends. */
  forget(request: verbs.ForgetRequest): Promise<verbs.AdministrationOutcome>
  /** Tells `onEvent`, once, what a provider says later of a message. Never verifies anything. Throws `ERR_PV_ARGUMENT`. */
  reportDelivery(report: DeliveryReport): void
  /** The public keys of signed proofs, as a JWK Set (RFC 7517). Empty without `proofKeys`. */
  jwks(): PublicJwks
  /** Takes no more calls, waits for those under way and drains background sends, within the send deadline. Calls after it throw `ERR_PV_CLOSED`. */
  close(): Promise<void>
}

/** Background sends that may be on their way, and may wait. */
const background = { concurrency: 32, maxQueued: 1_000 }

/**
 * Makes a verifier. All options are checked at once, and every problem is in the one error.
 *
 * @throws `ERR_PV_CONFIGURATION`, whose message begins with the option's name
 *
 * @example
 * ```ts
 * import { createPhoneVerifier } from 'phone-verify'
 * import { consoleBackend } from 'phone-verify/sms/console'
 * import { memoryStore } from 'phone-verify/store/memory'
 *
 * export const verifier = createPhoneVerifier({
 *   store: memoryStore(),
 *   sms: consoleBackend(),
 *   secret: process.env['PHONE_VERIFY_SECRET'] ?? '',
 *   appName: 'Acme',
 *   countries: ['FR', 'US'],
 * })
 * ```
 */
export function createPhoneVerifier(options: PhoneVerifierOptions): PhoneVerifier {
  const settings = readSettings(options)
  const { purposes, deadlines, issuer, audience, now, proofKeys } = settings
  const { store: given, sms, tenants: lookUp, admit, waitUntil, onEvent } = ownFields(options)
  const events = createEvents(onEvent, now)
  const keyring = createKeyring(settings.secrets, settings.indexSecret)
  const warn = (warning: Warning['warning']) => events.emit({ type: 'warning', warning })
  const startUp = createStartUp({ store: given, checkMs: deadlines.send, warn })
  const store = guarded(given, (work, late) => settleWithin(work, deadlines.store, late))
  const quotas = createQuotas(keyring)
  const codes = createCodes()
  const claims = createClaims({ store, now })
  const tenants = createTenants({ lookUp, termsOf: settings.termsOf })
  const tokens = createSessionTokens({ jwe: createJwe(keyring, sessionType, (keys) => keys.session), keyring, issuer, audience })
  const proofs = createProofs({ jwe: createJwe(keyring, proofType, (keys) => keys.proof), proofKeys, issuer, audience })
  const admission = createAdmission({ admit, events })
  const testNumbers = {
    find: (input: unknown) =>
      settings.testNumbers.find(({ phone, until }) => now() < until && isSamePhone(input, phone, settings.defaultCountry ?? '')),
  }

  const handOver = createHandOver({ sms, providerMs: deadlines.provider })
  const later = createBackground({ ...background, waitUntil })
  const sending = { begin: (stop: AbortSignal) => createCall(deadlines.send, stop), now, wait: pause }
  const delivery = createDelivery({ handOver, store, codes, background: later, events, compose: codeMessage, ...sending })
  const dispatch = createDispatch({ store, quotas, delivery, tokens, now })
  const challenges = createBeginChallenge({ keyring, quotas, now })
  if (settings.weakSecret) warn('weak_secret')
  if (given.reach === 'process' && hasSiblings()) warn('store_reaches_one_process')
  let warnOfNoClient = () => {
    warn('no_client')
    warnOfNoClient = () => {}
  }

  const common = { purposes, tenants, testNumbers, admission, codes, quotas, claims, tokens, proofs, store, dispatch, delivery, now }
  const openChallenge = createOpenChallenge({ ...common, challenges, keyring })
  const sendCode = createSendCode({ ...common, openChallenge, warnOfNoClient: () => warnOfNoClient() })
  const resendCode = createResendCode(common)
  const verifyCode = createVerifyCode(common)
  const redeemProof = createRedeemProof(common)
  const deliver = createDeliver(common)
  const notify = createNotify({ ...common, handOver, compose: noticeMessage })
  const unlock = createUnlock(common)
  const forget = createForget(common)

  const inFlight = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  const drain = async (): Promise<void> => {
    const call = createCall(deadlines.send)
    await call.limit(Promise.allSettled(inFlight)).catch(() => undefined)
    await later.drain(call)
  }

  /** One call of a verb: refused after `close`, after the start-up checks, within its deadline, and told as one event. */
  const run = async <Outcome extends { readonly ok: boolean }>(
    type: VerbName,
    ms: number,
    verb: (call: Call) => Promise<Outcome>,
  ): Promise<Outcome> => {
    const call = createCall(ms)
    const told = (outcome: string) => {
      if (events.heard()) events.emit({ type, outcome, durationMs: call.elapsedMs(), ...call.facts } as never)
    }
    const start = () => {
      if (closing !== undefined) throw closed()
      return verb(call)
    }
    try {
      if (closing !== undefined) throw closed()
      const work = call.limit(startUp.passed() ? start() : startUp.pass(call).then(start))
      inFlight.add(work)
      const outcome = await work.finally(() => inFlight.delete(work))
      told(outcome.ok ? 'ok' : (outcome as unknown as { readonly reason: string }).reason)
      return outcome
    } catch (error) {
      told(String(ownWords(error).code))
      throw error
    }
  }

  return {
    async ready() {
      if (closing !== undefined) throw closed()
      await startUp.pass(createCall(deadlines.send))
    },
    sendCode: (request) => run('send', deadlines.send, (call) => sendCode(request, call)),
    resendCode: (request) => run('resend', deadlines.send, (call) => resendCode(request, call)),
    verifyCode: (request) => run('verify', deadlines.verify, (call) => verifyCode(request, call)),
    redeemProof: (request) => run('redeem', deadlines.redeem, (call) => redeemProof(request, call)),
    deliver: (sessionToken, given = {}) => run('deliver', deadlines.send, (call) => deliver(sessionToken, given, call)),
    notify: (request) => run('notify', deadlines.send, (call) => notify(request, call)).catch(unavailable),
    unlock: (request) => run('unlock', deadlines.redeem, (call) => unlock(request, call)),
    forget: (request) => run('forget', deadlines.redeem, (call) => forget(request, call)),
    reportDelivery: createReportDelivery(events),
    jwks: () => publicKeys(proofKeys),
    close() {
      closing ??= drain()
      return closing
    },
  }
}

const closed = () => new PhoneVerifyError('ERR_PV_CLOSED', 'the verifier was closed')

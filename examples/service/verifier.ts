import { createPhoneVerifier, type PhoneVerifier, type PhoneVerifierOptions, type PhoneVerifyEvent } from 'phone-verify'
import type { Transaction } from './database.js'
import type { Parts } from './parts.js'

type Own = Omit<PhoneVerifierOptions, 'store' | 'secret' | 'now' | 'onEvent'> & { readonly onEvent?: (event: PhoneVerifyEvent) => void }

/** The verifier of an app, over the parts that every app has. Its decisions go to the log: no event holds a code, a number or a token. */
export const openVerifier = ({ store, secrets, now, log }: Parts, { onEvent, ...own }: Own): PhoneVerifier =>
  createPhoneVerifier({
    ...own,
    store,
    secret: secrets.verification,
    now,
    onEvent(event) {
      log.info(event, 'decided')
      onEvent?.(event)
    },
  })

type Question = Omit<Parameters<PhoneVerifier['redeemProof']>[0], 'transaction'>

/**
 * Redeems a proof inside the transaction of what it allows. Where the store lives in the same database, both commit or neither does. Where
 * it is a Redis, the proof is spent first: should the transaction fail, the person verifies the phone once more, and nobody twice.
 */
export const redeemWithin =
  (verifier: PhoneVerifier, { storeJoins }: Pick<Parts, 'storeJoins'>) =>
  ({ client }: Transaction, question: Question) =>
    verifier.redeemProof({ ...question, ...(storeJoins && { transaction: client }) })

import type { PhoneVerifier, SendCodeOutcome } from 'phone-verify'
import type { Visitor } from '../service/route.js'
import type { Pending } from './pending.js'

/** Sends the code that proves the number of a registration. What it opens is bound to this registration and to no other of the number. */
export const sendActivation = (
  verifier: Pick<PhoneVerifier, 'sendCode'>,
  { id, phone }: Pick<Pending, 'id' | 'phone'>,
  { ip, language }: Pick<Visitor, 'ip' | 'language'>,
): Promise<SendCodeOutcome> => verifier.sendCode({ phone, purpose: 'registration', subject: id, locale: language, client: { ip } })

/** What a client keeps until the code is typed. */
export const describeSent = (
  registrationId: string,
  { sessionToken, expiresAt, resendAt }: Extract<SendCodeOutcome, { readonly ok: true }>,
) => ({
  registration_id: registrationId,
  session_token: sessionToken,
  expires_at: expiresAt.toISOString(),
  resend_at: resendAt.toISOString(),
})

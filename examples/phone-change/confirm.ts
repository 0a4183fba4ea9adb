import { z } from 'zod'
import { member } from '../accounts/access.js'
import { failure, success } from '../service/envelope.js'
import type { Sentence } from '../service/language.js'
import { outcomeAnswer } from '../service/outcome-answer.js'
import { type Route, route } from '../service/route.js'
import { type ChangeParts, createChangePhone } from './change-phone.js'
import { changedLately } from './request.js'

const sentences = {
  changed: { fr: 'Numéro de téléphone modifié avec succès.', en: 'Phone number changed.' },
  taken: {
    fr: 'Ce numéro appartient à un autre compte. S’il est à vous, écrivez au support.',
    en: 'This number belongs to another account. If it is yours, write to the support.',
  },
  refused: { fr: 'Cette demande n’est plus valable. Recommencez.', en: 'This request is no longer good. Start again.' },
} as const satisfies Readonly<Record<string, Sentence>>

/** `…/confirm/`: the code that the new number got, for the account that asked for it. */
export function confirmRoute(base: `/${string}`, change: ChangeParts): Route {
  const { verifier, sessions, notices } = change
  const changePhone = createChangePhone(change)
  return route({
    method: 'POST',
    path: `${base}/confirm/`,
    summary: 'Checks the code, changes the number and ends all other sessions',
    access: member(sessions),
    body: z.object({ session_token: z.string().max(8_192), code: z.string().max(64) }),
    throttles: [{ name: 'phone_change_confirm', spans: [{ max: 30, windowMs: 60_000 }] }],
    replies: {
      200: 'Changed',
      400: 'The code is wrong, over or used',
      409: 'Taken, or changed less than a day ago',
      429: 'Too many codes',
    },
    async answer({ who: { account, sessionId }, body, language, ip }) {
      // The account is the signed-in one's and the number the challenge's own: nothing that a visitor says joins the two.
      const asked = { sessionToken: body.session_token, code: body.code, purpose: 'phone_change', subject: account.id, client: { ip } }
      const verified = await verifier.verifyCode(asked)
      if (!verified.ok) return outcomeAnswer(verified, language)

      const changed = await changePhone({ accountId: account.id, sessionId, proof: verified.proof, language })
      if (!changed.ok) {
        if (changed.reason === 'changed_lately') return changedLately(language)
        if (changed.reason === 'taken') return failure(409, sentences.taken[language], { reason: 'taken' })
        return failure(400, sentences.refused[language], { reason: changed.reason })
      }
      // After the commit, and whatever becomes of it: what is owed is sent later.
      await notices.sendDue(changed.changeId)
      return success(200, sentences.changed[language], { phone: changed.phone })
    },
  })
}

import type { PhoneNumber } from 'phone-verify'
import { z } from 'zod'
import { staff } from '../accounts/access.js'
import type { Sessions } from '../accounts/sessions.js'
import { failure, success } from '../service/envelope.js'
import type { Parts } from '../service/parts.js'
import { type Route, route } from '../service/route.js'
import type { Replies } from './replies.js'
import { revokeConsent } from './revoke-consent.js'
import { sentences } from './sentences.js'

interface Letter {
  readonly phoneKey: string
  readonly phone: PhoneNumber
  readonly words: string
}

/** What no machine understood: a person reads it, and says whether it was a STOP (L5). */
export function inboxRoutes({ database, now }: Pick<Parts, 'database' | 'now'>, replies: Replies, sessions: Sessions): readonly Route[] {
  const access = staff(sessions)
  return [
    route({
      method: 'GET',
      path: '/api/inbox',
      summary: 'Messages that wait for somebody to read them',
      access,
      replies: { 200: 'The oldest hundred' },
      async answer({ language }) {
        // Words alone decide: whose they are is nobody's business here.
        const messages = await database.query('SELECT id, words, at FROM inbox ORDER BY at LIMIT 100')
        return success(200, sentences.inbox[language], { messages })
      },
    }),
    route({
      method: 'POST',
      path: '/api/inbox/:id',
      summary: 'Says what a message meant',
      access,
      body: z.object({ meant: z.enum(['stop', 'something_else']) }),
      replies: { 200: 'Done', 404: 'There is no such message, or somebody else dealt with it' },
      async answer({ params, body, who, language }) {
        const letter = await database.transaction(async (transaction) => {
          const [taken] = await transaction.query<Letter>(
            'DELETE FROM inbox WHERE id::text = $1 RETURNING phone_key AS "phoneKey", phone, words',
            [params['id']],
          )
          if (taken === undefined || body.meant !== 'stop') return taken
          const { phoneKey, phone, words } = taken
          const at = new Date(now())
          const evidence = { decided_by: who.account.id, message: String(params['id']) }
          const before = await revokeConsent(transaction, {
            ...{ at, saidAt: at, method: 'staff', phoneKey, evidence, scope: 'all', personal: { words } },
          })
          await replies.ask(transaction, { phoneKey, kind: 'stopped', phone, locale: before?.locale ?? null })
          return taken
        })
        if (letter === undefined) return failure(404, sentences.message_unknown[language])
        await replies.send()
        return success(200, sentences.decided[language])
      },
    }),
  ]
}

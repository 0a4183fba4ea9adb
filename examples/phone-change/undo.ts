import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { failure, success } from '../service/envelope.js'
import type { Sentence } from '../service/language.js'
import { type Route, route } from '../service/route.js'
import { createUndoChange, type UndoParts } from './undo-change.js'
import { undoPage } from './undo-page.js'

const sentences = {
  undone: {
    fr: 'Changement annulé. Choisissez maintenant un nouveau mot de passe.',
    en: 'The change is undone. Now choose a new password.',
  },
  unknown: { fr: 'Ce lien n’est pas valable.', en: 'This link is not good.' },
  over: { fr: 'Les 24 heures sont passées. Écrivez au support.', en: 'The 24 hours are over. Write to the support.' },
  used: { fr: 'Ce changement a déjà été annulé.', en: 'This change was undone already.' },
  taken: {
    fr: 'L’ancien numéro appartient maintenant à un autre compte. Le vôtre est fermé par précaution : écrivez au support.',
    en: 'The old number belongs to another account by now. Yours is closed as a precaution: write to the support.',
  },
} as const satisfies Readonly<Record<string, Sentence>>

const statuses = { unknown: 400, over: 410, used: 410, taken: 409 } as const

const served = (type: string, body: string) => ({ status: 200, body, headers: { 'content-type': `text/${type}; charset=utf-8` } })

/** What the text to the old number leads to: a page with a button, and the endpoint that the button asks. */
export async function undoRoutes(base: `/${string}`, parts: UndoParts): Promise<readonly Route[]> {
  const undoChange = createUndoChange(parts)
  const script = await readFile(new URL('page/undo.js', import.meta.url), 'utf8')
  const path = `${base}/undo/` as const
  return [
    route({
      method: 'POST',
      path,
      summary: 'Gives the account its old number back, ends all sessions and lets the password open nothing',
      body: z.object({ token: z.string().max(64) }),
      throttles: [{ name: 'phone_change_undo', spans: [{ max: 10, windowMs: 60_000 }] }],
      replies: { 200: 'Undone', 400: 'Unknown', 409: 'The old number is another account’s: the account is closed', 410: 'Over, or undone' },
      async answer({ body, language }) {
        const undone = await undoChange(body.token, language)
        if (!undone.ok) return failure(statuses[undone.reason], sentences[undone.reason][language], { reason: undone.reason })
        await parts.notices.sendDue(undone.changeId)
        return success(200, sentences.undone[language], { password_reset_required: true })
      },
    }),
    route({
      method: 'GET',
      path: '/phone/undo/',
      summary: 'A page with a button. Opening it does nothing: programs that look at links open it too',
      replies: { 200: 'The page' },
      answer: async ({ language }) => served('html', undoPage(language, path)),
    }),
    route({
      method: 'GET',
      path: '/phone/undo.js',
      summary: 'What the button does',
      replies: { 200: 'The script' },
      answer: async () => served('javascript', script),
    }),
  ]
}

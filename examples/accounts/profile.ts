import { success } from '../service/envelope.js'
import type { Sentence } from '../service/language.js'
import { type Route, route } from '../service/route.js'
import { member } from './access.js'
import type { Account } from './account.js'
import type { Sessions } from './sessions.js'

const fetched: Sentence = { fr: 'Profil récupéré avec succès.', en: 'Your profile.' }

/** `/profile/` below a path: an account as its owner sees it. */
export const profileRoute = (base: `/${string}`, sessions: Sessions, describe: (account: Account) => Promise<object>): Route =>
  route({
    method: 'GET',
    path: `${base}/profile/`,
    summary: 'The account of whoever is signed in',
    access: member(sessions),
    throttles: [{ name: 'profile', spans: [{ max: 60, windowMs: 60_000 }] }],
    replies: { 200: 'The account' },
    answer: async ({ who, language }) => success(200, fetched[language], { user: await describe(who.account) }),
  })

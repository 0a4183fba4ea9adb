import { z } from 'zod'
import { member } from '../accounts/access.js'
import type { Account } from '../accounts/account.js'
import type { Sessions } from '../accounts/sessions.js'
import { failure, success } from '../service/envelope.js'
import type { Language } from '../service/language.js'
import type { Parts } from '../service/parts.js'
import { type Route, route } from '../service/route.js'
import { costsOf } from './costs.js'
import { keepPreferences, type Preferences, preferencesOf, preferencesSchema } from './preferences.js'
import { applyPreset, presetNames } from './presets.js'
import { sentences } from './sentences.js'
import { outcomesOf, recentLog } from './why.js'

export interface MemberRouteParts {
  readonly parts: Pick<Parts, 'database' | 'now'>
  readonly sessions: Sessions
  readonly centsPerSegment: number
}

/** What people say of their own alerts, and ask about them. */
export function memberRoutes({ parts: { database, now }, sessions, centsPerSegment }: MemberRouteParts): readonly Route[] {
  const access = member(sessions)
  const throttles = [{ name: 'own', spans: [{ max: 120, windowMs: 60_000 }] as const }]
  const shared = { access, throttles }

  const keep = async (account: Account, preferences: Preferences, language: Language) => {
    // Said now, where it can be put right, and not when an alert finds nowhere to go.
    const lacksPhone = preferences.enabled_methods.includes('sms') && account.phone === null
    if (lacksPhone) return failure(409, sentences.no_phone[language], { reason: 'no_phone' })
    await keepPreferences(database, account.id, preferences)
    return success(200, sentences.kept[language], preferences)
  }
  const kept = { 200: 'Kept', 409: 'Texts need a verified number' }

  return [
    route({
      ...{ ...shared, method: 'GET', path: '/api/alerts/preferences/', summary: 'What is sent where, and when' },
      replies: { 200: 'The preferences' },
      answer: async ({ who: { account }, language }) =>
        success(200, sentences.preferences[language], await preferencesOf(database, account.id)),
    }),
    route({
      ...{ ...shared, method: 'PUT', path: '/api/alerts/preferences/', summary: 'Replaces the preferences' },
      body: preferencesSchema,
      replies: kept,
      answer: ({ who: { account }, body, language }) => keep(account, body, language),
    }),
    route({
      ...{ ...shared, method: 'POST', path: '/api/alerts/presets/', summary: 'Sets what a preset says, and leaves the rest' },
      body: z.object({ preset: z.enum(presetNames) }),
      replies: kept,
      answer: async ({ who: { account }, body: { preset }, language }) =>
        keep(account, applyPreset(preset, await preferencesOf(database, account.id)), language),
    }),
    route({
      ...{ ...shared, method: 'GET', path: '/api/alerts/:id/why/', summary: 'Why an alert came, or did not, on each channel' },
      replies: { 200: 'What became of it', 404: 'There is no such alert' },
      async answer({ who: { account }, params, language }) {
        const channels = await outcomesOf(database, account.id, params['id'] ?? '', language)
        return channels.length === 0 ? failure(404, sentences.alert_unknown[language]) : success(200, sentences.why[language], { channels })
      },
    }),
    route({
      ...{ ...shared, method: 'GET', path: '/api/alerts/log/', summary: 'The last hundred things that became of alerts' },
      replies: { 200: 'The log, newest first' },
      answer: async ({ who: { account }, language }) =>
        success(200, sentences.log[language], { log: await recentLog(database, account.id, language) }),
    }),
    route({
      ...{ ...shared, method: 'GET', path: '/api/alerts/costs/', summary: 'Texts, segments and their price, this month' },
      replies: { 200: 'Figures; money in cents' },
      answer: async ({ who: { account }, language }) =>
        success(200, sentences.costs[language], await costsOf(database, account.id, centsPerSegment, now())),
    }),
  ]
}

import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { staff } from '../accounts/access.js'
import type { Sessions } from '../accounts/sessions.js'
import { failure, success } from '../service/envelope.js'
import type { Parts } from '../service/parts.js'
import { type Route, route } from '../service/route.js'
import type { Marketing } from './marketing.js'
import { programs } from './programs.js'
import { type Campaign, sendCampaign } from './send-campaign.js'
import { sentences } from './sentences.js'

/** One SMS together with brand and STOP. */
const text = z.string().trim().min(1).max(110)

/** What members of staff send: to a program, in both languages, now and again until everybody was awake. */
export function campaignRoutes(parts: Pick<Parts, 'database' | 'now'>, marketing: Marketing, sessions: Sessions): readonly Route[] {
  const access = staff(sessions)
  return [
    route({
      method: 'POST',
      path: '/api/campaigns',
      summary: 'Sends a campaign to everybody who may be texted now',
      access,
      body: z.object({ program: z.enum(programs, 'program_unknown'), texts: z.object({ fr: text, en: text }) }),
      replies: { 201: 'What became of it, and how many sleep' },
      async answer({ body, who, language }) {
        const campaign: Campaign = { id: randomUUID(), ...body }
        await parts.database.query('INSERT INTO campaign (id, program, texts, created_by, created_at) VALUES ($1, $2, $3, $4, $5)', [
          ...[campaign.id, campaign.program, JSON.stringify(campaign.texts), who.account.id, new Date(parts.now())],
        ])
        return success(201, sentences.campaign[language], { id: campaign.id, ...(await sendCampaign(parts, marketing, campaign)) })
      },
    }),
    route({
      method: 'POST',
      path: '/api/campaigns/:id/resume',
      summary: 'Sends it to those who slept, or were not reached',
      access,
      replies: { 200: 'What became of it this time', 404: 'There is no such campaign' },
      async answer({ params, language }) {
        // Compared as text: what is no id at all is none of ours.
        const [campaign] = await parts.database.query<Campaign>('SELECT id, program, texts FROM campaign WHERE id::text = $1', [
          params['id'],
        ])
        if (campaign === undefined) return failure(404, sentences.campaign_unknown[language])
        return success(200, sentences.campaign[language], { id: campaign.id, ...(await sendCampaign(parts, marketing, campaign)) })
      },
    }),
  ]
}

import { randomBytes, randomUUID } from 'node:crypto'
import type { SmsBackend } from 'phone-verify'
import { twilioBackend } from 'phone-verify/sms/twilio'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import { expect } from 'vitest'
import { insertAccount } from '../../examples/accounts/account.js'
import { createPasswords } from '../../examples/accounts/password.js'
import { buildApp } from '../../examples/marketing-opt-in/app.js'
import type { Parts } from '../../examples/service/parts.js'
import { account } from '../fixtures/carrier/twilio-account.js'
import { twilioError } from '../fixtures/carrier/twilio-api.js'
import { apiKey, formOf, type Signing, signatureSecret, signVonage } from '../http/webhooks-served.js'
import type { Reply, Visitor } from './visitor.js'
import { startWorld, type World, type WorldOptions } from './world.js'

const { accountSid, authToken, from: codeSender } = account

/** Another number than that of codes. */
export const marketingSender = '+15005550009'
export { authToken, codeSender }

export interface TwilioPost {
  readonly sid?: string
  readonly more?: Readonly<Record<string, string>>
  readonly signature?: string | undefined
  readonly token?: string
  readonly path?: string
}

/** A form that was sent, and its code. */
export interface Asked {
  readonly phone: string
  readonly visitor: Visitor
  readonly session_token: string
  confirm(code: unknown): Promise<Reply>
}

export interface MarketingWorld extends World {
  /** Sends the form: the code is on the phone. */
  ask(phone?: string, preferences?: object, visitor?: Visitor): Promise<Asked>
  /** Subscribes a number, code and all. */
  join(phone: string, preferences?: object, visitor?: Visitor): Promise<{ readonly reply: Reply; readonly visitor: Visitor }>
  /** A text from this number, as Twilio brings it, signed by Twilio's own package. */
  byTwilio(from: string, text: string, how?: TwilioPost): Promise<Reply>
  /** The same as Vonage brings it. */
  byVonage(from: string, text: string, how?: Signing & { readonly id?: string; readonly at?: Date; readonly sent?: string }): Promise<Reply>
  /** Texts that the marketing sender sent to a number, oldest first. */
  marketingTo(phone: string): readonly string[]
  /** What the log holds of a number. */
  records(phone: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  programsOf(phone: string): Promise<readonly string[] | undefined>
  /** Somebody who works here, signed in. */
  staff(): Promise<Visitor>
  /** The carrier refuses this sender for this number, as after a STOP. */
  blockAtCarrier(sender: string, phone: string): void
  rebuilt(parts: Partial<Parts>): Promise<Awaited<ReturnType<typeof buildApp>>>
}

export async function startMarketing(options: WorldOptions = {}): Promise<MarketingWorld> {
  let marketing: SmsBackend | undefined
  const backend = (baseUrl: string, from: string) => twilioBackend({ accountSid, authToken, from, baseUrl })
  const build = (parts: Parts) => {
    if (marketing === undefined) throw new Error('the carrier comes first')
    return buildApp(parts, {
      marketing,
      sender: marketingSender,
      webhooks: { twilio: { authToken }, vonage: { signatureSecret, apiKey } },
    })
  }
  const world = await startWorld(build, {
    ...options,
    sms: (carrier) => {
      marketing = backend(carrier.url, marketingSender)
      return options.sms?.(carrier) ?? backend(carrier.url, codeSender)
    },
  })
  const keyOf = async (phone: string) => {
    const { createPhoneKey } = await import('../../examples/marketing-opt-in/phone-key.js')
    return createPhoneKey(world.parts.secrets.tokens)(phone as never)
  }
  const ask: MarketingWorld['ask'] = async (phone = frenchPhone(), preferences = {}, visitor = english()) => {
    const { version } = (await visitor.get('/api/disclosure')).body
    const reply = await visitor.post('/api/subscribe', { phone, preferences, consent: true, disclosure_version: version })
    expect(reply.status, reply.text).toBe(202)
    const session_token: string = reply.body.data.session_token
    return { phone, visitor, session_token, confirm: (code) => visitor.post('/api/confirm', { session_token, code }) }
  }
  const english = () => world.visitor({ 'accept-language': 'en' })
  const provider = world.visitor()
  const raw = (path: string, body: string, headers: Readonly<Record<string, string>>) =>
    provider.post(path, undefined, { raw: body, headers })

  return {
    ...world,
    ask,
    async join(phone, preferences, visitor) {
      const asked = await ask(phone, preferences, visitor)
      const reply = await asked.confirm(world.carrier.lastCode(phone))
      if (reply.status === 200) asked.visitor.bear(reply.body.data.manage_token)
      return { reply, visitor: asked.visitor }
    },
    byTwilio(from, text, { sid = `SM${randomBytes(16).toString('hex')}`, more = {}, signature, token = authToken, path } = {}) {
      const params = { MessageSid: sid, AccountSid: accountSid, From: from, To: marketingSender, Body: text, NumMedia: '0', ...more }
      const signed = signature ?? getExpectedTwilioSignature(token, `${world.url}/webhooks/twilio/inbound`, params)
      return raw(path ?? '/webhooks/twilio/inbound', formOf(params), {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'x-twilio-signature': signed,
      })
    },
    async byVonage(from, text, { id = randomUUID(), at = new Date(world.parts.now()), sent, ...signing } = {}) {
      const message = { channel: 'sms', message_type: 'text', message_uuid: id, to: '15005550009', from: from.slice(1), text }
      const body = JSON.stringify({ ...message, timestamp: at.toISOString(), sms: { num_messages: '1' } })
      const token = await signVonage(body, { iat: Math.floor(world.parts.now() / 1_000), ...signing })
      return raw('/webhooks/vonage/inbound', sent ?? body, { 'content-type': 'application/json', authorization: `Bearer ${token}` })
    },
    marketingTo: (phone) => world.carrier.sms.filter(({ to, from }) => to === phone && from === marketingSender).map(({ text }) => text),
    records: async (phone) => world.database.query('SELECT * FROM consent_record WHERE phone_key = $1 ORDER BY id', [await keyOf(phone)]),
    async programsOf(phone) {
      const [row] = await world.database.query<{ readonly programs: readonly string[] }>(
        'SELECT programs FROM subscriber WHERE phone = $1',
        [phone],
      )
      return row?.programs
    },
    async staff() {
      const [visitor, password, phone] = [world.visitor({ 'accept-language': 'en' }), 'a long password of staff', frenchPhone()]
      const passwordHash = await createPasswords(world.parts.passwordCost).hash(password)
      const names = { firstName: '', lastName: '', email: null, createdAt: new Date(world.parts.now()) }
      const inserted = await insertAccount(world.database, { ...names, phone: phone as never, passwordHash })
      await world.database.query('UPDATE account SET is_staff = true WHERE id = $1', [inserted?.id])
      visitor.bear((await visitor.post('/api/staff/login/', { phone, password })).body.data.tokens.access)
      return visitor
    },
    blockAtCarrier: (sender, phone) =>
      world.carrier.misbehave(async (visit) => {
        const verdict = await visit.read()
        if (verdict.sms?.from === sender && verdict.sms.to === phone) return visit.reply(twilioError(21610))
        visit.deliver(verdict)
        visit.reply(verdict.reply)
      }),
    rebuilt: (parts) => build({ ...world.parts, ...parts }),
  }
}

let numbers = 0

/** French mobiles, each in a block of its own. */
export const frenchPhone = () => `+3361${String(++numbers * 10_007).padStart(7, '0')}`
export const americanPhone = () => `+1415555${2_000 + ++numbers}`

/** How long until it is this hour in UTC, today or tomorrow. */
export function msUntilHour(now: number, hour: number): number {
  const at = new Date(now)
  at.setUTCHours(hour, 0, 0, 0)
  return at.getTime() - now + (at.getTime() <= now ? 86_400_000 : 0)
}

import { randomBytes } from 'node:crypto'
import { twilioBackend } from 'phone-verify/sms/twilio'
import { buildApp } from '../../examples/multi-tenant/app.js'
import { account } from '../fixtures/carrier/twilio-account.js'
import type { Reply, Visitor } from './visitor.js'
import { startWorld, type World, type WorldOptions } from './world.js'

export const adminToken = 'walrus-admin-token-0123456789abcdef'
export const base = '/admin/organizations'

export type TwilioAccount = ReturnType<typeof twilioAccount>

let accounts = 0

/** An account that nobody else has. */
export function twilioAccount(base_url: string) {
  accounts += 1
  const hex = accounts.toString(16).padStart(32, 'a')
  const sender = `+1500555${String(accounts).padStart(4, '0')}`
  return { provider: 'twilio', account_sid: `AC${hex}`, auth_token: randomBytes(16).toString('hex'), sender, base_url } as const
}

export const defaults = {
  name: 'Acme',
  template: '{{code}} is your {{app}} code.',
  code_length: 6,
  code_seconds: 300,
  sends_per_hour: 100,
  sends_per_day: 1_000,
} as const

/** The app in a world of its own, its administrator, its organizations and their visitors. */
export async function startTenants(options: Omit<WorldOptions, 'sms'> = {}, moreBaseUrls: readonly string[] = []) {
  let carrierUrl = ''
  const world: World = await startWorld(
    (parts) => buildApp(parts, { adminToken, baseUrls: [carrierUrl, ...moreBaseUrls], elapsed: parts.now }),
    {
      ...options,
      sms({ url }) {
        carrierUrl = url
        return twilioBackend({ ...{ accountSid: account.accountSid, authToken: account.authToken, from: account.from }, baseUrl: url })
      },
    },
  )
  const secrets = new Set<string>([adminToken])
  /** Each time from another address: what the throttle counts is not what most tests are about. */
  const admin = () => {
    const visitor = world.visitor()
    visitor.bear(adminToken)
    return visitor
  }
  let phones = 0
  let names = 0

  const freshPhone = () => {
    phones += 1
    const phone = `+23767${1_000_000 + phones * 10_007}`
    secrets.add(phone)
    return phone
  }

  const send = async (id: string, phone: string, visitor: Visitor = world.visitor()): Promise<Reply> => {
    const reply = await visitor.post(`/${id}/send`, { phone })
    if (reply.status === 202) for (const secret of [reply.body.data.session_token, codeTo(phone)]) secrets.add(secret)
    return reply
  }
  const codeTo = (phone: string) => String(world.carrier.lastCode(phone))
  const resend = (id: string, session_token: string) => world.visitor().post(`/${id}/resend`, { session_token })
  const verify = (id: string, session_token: string, code: string) => world.visitor().post(`/${id}/verify`, { session_token, code })
  const join = (id: string, proof: string) => world.visitor().post(`/${id}/join`, { proof })

  return {
    ...{ world, secrets, admin, carrierUrl, freshPhone, send, codeTo, resend, verify, join },

    /** A new organization, and its account. */
    async organization(settings: object = {}, own: TwilioAccount = twilioAccount(carrierUrl)) {
      names += 1
      const id = `org-${names}`
      secrets.add(own.auth_token)
      const reply = await admin().post(base, { id, account: own, ...defaults, ...settings })
      if (reply.status !== 201) throw new Error(`${reply.status} ${reply.text}`)
      return { id, account: own }
    },

    /** A challenge that waits for its code. */
    async pending(id: string, phone = freshPhone()) {
      const { body } = await send(id, phone)
      return { phone, token: String(body.data.session_token), code: codeTo(phone) }
    },

    async proofOf(id: string, phone = freshPhone()) {
      const { token, code } = await this.pending(id, phone)
      const proof = String((await verify(id, token, code)).body.data.proof)
      secrets.add(proof)
      return proof
    },

    change: (id: string, change: object) => admin().request('PATCH', `${base}/${id}`, change),
    rotate: (id: string, own: object) => admin().put(`${base}/${id}/account`, own),
    suspend: (id: string) => admin().post(`${base}/${id}/suspend`),
    resume: (id: string) => admin().post(`${base}/${id}/resume`),

    /** What phones got, in order. */
    textsTo: (phone: string) => world.carrier.sms.filter(({ to }) => to === phone),
    membersOf: async (id: string) =>
      (await world.database.query<{ phone: string }>('SELECT phone FROM organization_member WHERE organization_id = $1', [id])).map(
        ({ phone }) => phone,
      ),
    /** Which secrets stand in the log. */
    leaks: () => [...secrets].filter((secret) => world.logged.some((line) => line.includes(secret.length < 8 ? `"${secret}"` : secret))),
  }
}

export type Tenants = Awaited<ReturnType<typeof startTenants>>

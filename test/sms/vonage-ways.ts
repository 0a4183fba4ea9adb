import { generateKeyPairSync } from 'node:crypto'
import { Messages } from '@vonage/messages'
import { Vonage } from '@vonage/server-sdk'
import { SMS } from '@vonage/sms'
import type { SmsMessage } from '../../src/sms/backend.js'
import type { VonageOptions } from '../../src/sms/vonage.js'
import type { Reply } from '../fixtures/carrier/api.js'
import type { Carrier } from '../fixtures/carrier/carrier.js'
import { vonageProblem, vonageStatuses } from '../fixtures/carrier/vonage-api.js'

export const apiKey = 'a1b2c3d4'
export const apiSecret = 'Canary-Secret-7Qx'
export const applicationId = '3f1a6f0e-78b2-4c39-9a7d-canary000001'
export const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

const basicHeader = Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')
/** Lines of the key, for a leak may break it up. */
const keyLines = privateKey.split('\n').filter((line) => line.length > 20 && !line.startsWith('-'))
export const secrets = [apiSecret, basicHeader, privateKey, ...keyLines]

export const message = (over: Partial<SmsMessage> = {}): SmsMessage => ({
  to: '+33612345678' as SmsMessage['to'],
  text: 'Acme: 482913',
  code: '482913',
  purpose: 'login',
  context: { app: 'Acme' },
  mustContain: ['482913'],
  expiresInMs: 300_000,
  ...over,
})

/** One way of using Vonage: an interface, credentials, who makes the client. */
export interface Way {
  readonly api: 'messages' | 'sms'
  readonly options: (url: string) => VonageOptions
  readonly failures: { readonly refused: Reply; readonly unavailable: Reply }
}

const inMessages = { refused: vonageProblem(422, '1050'), unavailable: vonageProblem(429, '1000') }
const inSms = { refused: vonageStatuses('7'), unavailable: vonageStatuses('1') }

const key = { apiKey, apiSecret }
const application = { applicationId, privateKey }
const from = 'Acme'

export const ways: Readonly<Record<string, Way>> = {
  'Messages API, key and secret': { api: 'messages', options: (baseUrl) => ({ ...key, from, baseUrl }), failures: inMessages },
  'Messages API, application': { api: 'messages', options: (baseUrl) => ({ ...application, from, baseUrl }), failures: inMessages },
  'SMS API': { api: 'sms', options: (baseUrl) => ({ ...key, api: 'sms', from, baseUrl }), failures: inSms },
  'Messages API, client with a key': {
    api: 'messages',
    options: (url) => ({ client: new Vonage(key, { apiHost: url }), from }),
    failures: inMessages,
  },
  'Messages API, small client with an application': {
    api: 'messages',
    options: (url) => ({ client: { messages: new Messages(application, { apiHost: url }) }, from }),
    failures: inMessages,
  },
  'SMS API, client': { api: 'sms', options: (url) => ({ client: new Vonage(key, { restHost: url }), api: 'sms', from }), failures: inSms },
  'SMS API, small client': {
    api: 'sms',
    options: (url) => ({ client: { sms: new SMS(key, { restHost: url }) }, api: 'sms', from }),
    failures: inSms,
  },
}

export const outcomeOf = (sending: Promise<unknown>): Promise<unknown> =>
  sending.then(
    () => 'taken',
    (error: unknown) => Reflect.get(Object(error), 'code'),
  )

/** What phones got, as the contract reads it. */
export const deliveredBy =
  ({ sms }: Carrier) =>
  () =>
    sms.map(({ to, text }) => ({ to, text }))

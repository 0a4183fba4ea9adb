import { type KeyObject, randomUUID, sign } from 'node:crypto'

export type Credentials =
  | { readonly apiKey: string; readonly apiSecret: string }
  | { readonly applicationId: string; readonly privateKey: KeyObject }

/** What the SDK takes as `AuthInterface`: it makes headers and shows no secret, for the SDK prints what it is given when `DEBUG` is set. */
export interface Auth {
  readonly getQueryParams: () => Promise<object>
  readonly createBasicHeader: () => Promise<string>
  readonly createBearerHeader: () => Promise<string>
  /** Both set make the SDK ask for a bearer. */
  readonly applicationId?: string
  readonly privateKey?: string
}

export function createAuth(credentials: Credentials): Auth {
  const wrong = () => Promise.reject(new TypeError('another way to authenticate was set'))
  const queryless = { getQueryParams: () => Promise.resolve({}) }
  if ('apiKey' in credentials) {
    const basic = `Basic ${Buffer.from(`${credentials.apiKey}:${credentials.apiSecret}`).toString('base64')}`
    return { ...queryless, createBasicHeader: () => Promise.resolve(basic), createBearerHeader: wrong }
  }
  return {
    ...queryless,
    createBasicHeader: wrong,
    createBearerHeader: async () => `Bearer ${bearer(credentials.applicationId, credentials.privateKey)}`,
    applicationId: credentials.applicationId,
    privateKey: 'kept elsewhere',
  }
}

const lifeSeconds = 900

/** https://developer.vonage.com/en/getting-started/concepts/authentication: RS256, a new `jti` for every request. */
function bearer(applicationId: string, privateKey: KeyObject): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = { application_id: applicationId, jti: randomUUID(), iat: now, exp: now + lifeSeconds }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
}

import { PhoneVerifyError } from '../errors.js'
import type { Api } from './vonage-answers.js'
import type { Auth } from './vonage-auth.js'

/** A `Vonage` of `@vonage/server-sdk`, or `{ messages: new Messages(…) }`, `{ sms: new SMS(…) }` of its small packages. */
export interface VonageClient {
  readonly messages?: VonageApi
  readonly sms?: VonageApi
}

/** The part of the SDK that is called. */
export interface VonageApi {
  send(params: never): Promise<unknown>
  sendRequest(request: object): Promise<unknown>
  addAuthenticationToRequest(request: object): Promise<unknown>
  getConfig(): object
}

/** What the SDK makes of a message. */
export interface Prepared {
  readonly path: string
  readonly body: string
  readonly authorization: string
}

/** No client can fetch that: should a version of the SDK ask past `sendRequest`, nothing leaves. */
const nowhere = 'phone-verify:'

const unfit = (backend: string, message: string) =>
  new PhoneVerifyError('ERR_PV_CONFIGURATION', `${backend}: ${message}`, { backend, problems: [{ option: 'client', message }] })

const strange = 'this version of @vonage/server-sdk is not supported'

const members = ['send', 'sendRequest', 'addAuthenticationToRequest', 'getConfig'] as const

export const isVonageApi = (value: unknown): value is VonageApi =>
  typeof value === 'object' && value !== null && members.every((name) => typeof Reflect.get(value, name) === 'function')

/** Loads `@vonage/server-sdk`, which takes a tenth of a second and so waits for the first send. */
export async function loadVonageApi(backend: string, api: Api, auth: Auth): Promise<VonageApi> {
  const sdk: object = await import('@vonage/server-sdk').catch((error: unknown) => {
    const isMissing = /(?:package|module) '@vonage\/server-sdk'/.test(String(Reflect.get(Object(error), 'message')))
    throw unfit(backend, isMissing ? 'the package @vonage/server-sdk is not installed' : '@vonage/server-sdk could not be loaded')
  })
  const loaded = await settled(async () => {
    const Vonage = Reflect.get(sdk, 'Vonage') as new (auth: Auth, hosts: object) => object
    return Reflect.get(new Vonage(auth, { apiHost: nowhere, restHost: nowhere }), api)
  })
  if (!isVonageApi(loaded)) throw unfit(backend, strange)
  return loaded
}

/**
 * Has the SDK say what it would send, and keeps it from sending: it fetches without a limit of time or size, follows redirects, and takes
 * junk for success. Its own errors hold credentials and the text, so none is passed on.
 *
 * @throws `ERR_PV_CONFIGURATION` when the SDK is of a version that works in another way, or has no credentials
 */
export async function prepare(backend: string, client: VonageApi, params: object): Promise<Prepared> {
  let asked: unknown
  const sendRequest = (request: unknown) => {
    asked = request
    return Promise.resolve({ data: {} })
  }
  const config = { ...client.getConfig(), apiHost: nowhere, restHost: nowhere }
  const silent: VonageApi = Object.create(client, {
    sendRequest: { value: sendRequest },
    config: { value: config },
    authType: { value: Reflect.get(client, 'authType'), writable: true },
  })
  await settled(() => silent.send(params as never))
  const { url, data } = Object(asked)
  if (typeof url !== 'string' || !url.startsWith(`${nowhere}/`) || typeof data !== 'object' || data === null) {
    throw unfit(backend, strange)
  }
  // Of a request without the text, which has no part in that.
  const request = { url, method: 'POST', headers: {} }
  const { headers } = Object(await settled(() => silent.addAuthenticationToRequest(request)))
  const authorization: unknown = Object(headers).Authorization
  if (typeof authorization !== 'string' || !/^(?:Basic|Bearer) [\w+/=.-]+$/.test(authorization)) {
    throw unfit(backend, 'the client has no credentials that this API takes')
  }
  return { path: url.slice(nowhere.length), body: JSON.stringify(data), authorization }
}

/** What the SDK answers, or nothing: its errors hold what it was given. */
async function settled(ask: () => Promise<unknown>): Promise<unknown> {
  try {
    return await ask()
  } catch {
    return undefined
  }
}

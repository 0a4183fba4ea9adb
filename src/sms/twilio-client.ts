import type { Exchange } from './exchange.js'
import { meaningOf } from './exchange-meaning.js'
import type { Failures } from './failure.js'
import { type TwilioOptions, unfit } from './twilio-options.js'

/** The part of a Twilio client that is used. One made by `twilio(…)` of the package fits. */
export interface TwilioClient {
  readonly messages: { create(params: TwilioParams): Promise<TwilioMessage> }
}

export interface TwilioParams {
  readonly to: string
  readonly body: string
  readonly from?: string
  readonly messagingServiceSid?: string
  readonly validityPeriod?: number
  readonly messageIntent?: 'otp'
  readonly contentRetention?: 'discard'
  readonly addressRetention?: 'obfuscate'
  readonly statusCallback?: string
}

/** What Twilio says of a message it has taken. */
export interface TwilioMessage {
  readonly sid: string
  readonly status?: string
  readonly numSegments?: string
  readonly errorCode?: number | null
}

/** Makes the client of one send. */
export type Connect = (timeoutMs: number, signal: AbortSignal | undefined) => TwilioClient

/** What the package asks of an HTTP client. */
interface SdkRequest {
  readonly uri: string
  readonly headers?: Readonly<Record<string, string>>
  readonly data?: Readonly<Record<string, unknown>>
}

/** Loads the package `twilio`, which takes a tenth of a second. It speaks over `exchange`, and reads no environment. */
export async function loadConnect(options: TwilioOptions, exchange: Exchange, failures: Failures): Promise<Connect> {
  const { default: twilio } = await import('twilio').catch(() => {
    throw unfit(options.name, [{ option: 'client', message: 'install the package twilio, or hand in a client' }])
  })
  const { accountSid = '', authToken = '', apiKey, apiKeySecret, region = '', edge = '', baseUrl } = options
  const [username, password] = [apiKey ?? accountSid, apiKeySecret ?? authToken]
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  // All messages of an account go to one address.
  let address: URL | undefined

  // A client is made in a few microseconds, and the package knows no signal: a client for each send keeps what belongs to it together.
  return (timeoutMs, signal) => {
    const httpClient = {
      async request({ uri, headers, data = {} }: SdkRequest) {
        address ??= addressAt(uri, baseUrl)
        const exchanged = await exchange({
          url: address,
          headers: { ...headers, authorization },
          body: formOf(data),
          timeoutMs,
          signal,
        })
        if (exchanged.outcome !== 'answered') {
          const { meaning, what } = meaningOf(exchanged)
          throw failures[meaning](what)
        }
        // The package takes a missing body for a parsed one.
        return { statusCode: exchanged.status, body: exchanged.body ?? '', headers: exchanged.headers }
      },
    }
    return twilio(username, password, {
      accountSid,
      region,
      edge,
      httpClient: httpClient as never,
    })
  }
}

function addressAt(uri: string, baseUrl: string | undefined): URL {
  const { pathname, search } = new URL(uri)
  return baseUrl === undefined ? new URL(uri) : new URL(baseUrl.replace(/\/+$/, '') + pathname + search)
}

const formOf = (data: Readonly<Record<string, unknown>>): string =>
  new URLSearchParams(Object.entries(data).map(([name, value]): [string, string] => [name, String(value)])).toString()

import express, { type ErrorRequestHandler, type Request, type Router } from 'express'
import type { Parts } from '../service/parts.js'
import type { Inbound } from './inbound.js'
import type { MarketingOptions } from './marketing.js'
import { codeOf } from './replies.js'
import { readTwilioInbound } from './twilio-inbound.js'
import { readVonageInbound } from './vonage-inbound.js'

/** What a provider posted, as it came: signatures are of bytes. */
export interface Signed {
  header(name: string): string | undefined
  /** The address as the provider sees it: no header is asked for it. */
  readonly url: string
  readonly bytes: Buffer
  /** Unix milliseconds. */
  readonly now: number
}

type Read = (signed: Signed) => Promise<Inbound | 'other' | undefined> | Inbound | 'other' | undefined

/** An empty or a short secret signs whatever a forger likes. */
const isSecret = (secret: string) => /^[^\s\p{Cc}]{16,}$/u.test(secret)

/**
 * Where providers bring what people text: `/webhooks/{provider}/inbound`. Unsigned is 403 and does nothing. What is signed is answered 204
 * once it is written down, 503 where it could not be, so that it comes again. Apart from the routes of visitors: a webhook has no
 * visitor, and its signature is of bytes that no parser may touch.
 */
export function webhooksRouter(
  { publicUrl, now, log }: Pick<Parts, 'publicUrl' | 'now' | 'log'>,
  { twilio, vonage }: MarketingOptions['webhooks'],
  takeIn: (inbound: Inbound) => Promise<void>,
): Router {
  for (const secret of [twilio?.authToken, vonage?.signatureSecret])
    if (secret !== undefined && !isSecret(secret)) throw new Error('the secret of a webhook must have 16 characters or more')

  const router = express.Router()
  const bytes = express.raw({ type: () => true, limit: '64kb', inflate: false })
  const receive = (provider: 'twilio' | 'vonage', read: Read) => {
    router.post(`/webhooks/${provider}/inbound`, bytes, async (request: Request, response) => {
      const body: unknown = request.body
      const inbound = await read({
        header: (name) => request.get(name),
        url: publicUrl.origin + request.originalUrl,
        bytes: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
        now: now(),
      })
      if (inbound !== undefined && inbound !== 'other') await takeIn(inbound)
      const status = inbound === undefined ? 403 : 204
      log.info({ webhook: provider, status }, 'inbound')
      response.status(status).set('cache-control', 'no-store').end()
    })
  }
  if (twilio) receive('twilio', (signed) => readTwilioInbound(twilio, signed))
  if (vonage) receive('vonage', (signed) => readVonageInbound(vonage, signed))

  const floor: ErrorRequestHandler = (error, _request, response, _next) => {
    const { status } = Object(error) as { readonly status?: unknown }
    const isTheirs = typeof status === 'number' && status < 500
    if (!isTheirs) log.error({ code: codeOf(error) }, 'inbound failed')
    response
      .status(isTheirs ? status : 503)
      .set('cache-control', 'no-store')
      .end()
  }
  return router.use(floor)
}

import type { IncomingMessage, RequestListener } from 'node:http'
import type { PhoneVerifier } from 'phone-verify'

export interface AppParts {
  readonly verifier: Pick<PhoneVerifier, 'sendCode' | 'resendCode' | 'verifyCode'>
  readonly enqueue: (sessionToken: string) => Promise<unknown>
}

interface Reply {
  readonly status: number
  readonly body: object
}

type Body = Readonly<Record<string, unknown>>

/** Three routes in front of a verifier whose purpose is delivered `deferred`. None of them waits for an SMS provider. */
export function buildApp({ verifier, enqueue }: AppParts): RequestListener {
  const purpose = 'login'

  /** The token goes into the queue before the visitor hears of it: a reply says that the job is there. */
  const queued = async (sent: Awaited<ReturnType<typeof verifier.resendCode>>): Promise<Reply> => {
    if (!sent.ok) return { status: sent.reason === 'rate_limited' ? 429 : 422, body: sent }
    const { sessionToken, expiresAt, resendAt } = sent
    await enqueue(sessionToken)
    return { status: 202, body: { sessionToken, expiresAt, resendAt } }
  }

  const routes: Readonly<Record<string, (body: Body, request: IncomingMessage) => Promise<Reply>>> = {
    async 'POST /send'({ phone }, request) {
      // A client that repeats a request which failed half-way says the same key: the challenge is the same, and enqueued again.
      const key = request.headers['idempotency-key']
      const idempotencyKey = typeof key === 'string' && /^[\x21-\x7e]{1,100}$/.test(key) ? key : undefined
      return queued(await verifier.sendCode({ phone, purpose, client: clientOf(request), idempotencyKey }))
    },

    /** Every resend has a token of its own, and a job of its own. The job before it will find nothing left to do. */
    async 'POST /resend'({ sessionToken }, request) {
      return queued(await verifier.resendCode({ sessionToken, client: clientOf(request) }))
    },

    async 'POST /verify'({ sessionToken, code }, request) {
      const verified = await verifier.verifyCode({ sessionToken, code, purpose, client: clientOf(request) })
      if (verified.ok) return { status: 200, body: { phone: verified.phone, proof: verified.proof } }
      return { status: verified.reason === 'rate_limited' || verified.reason === 'locked' ? 429 : 422, body: verified }
    },
  }

  const answer = async (request: IncomingMessage): Promise<Reply> => {
    const route = routes[`${request.method} ${request.url}`]
    if (route === undefined) return { status: 404, body: { reason: 'not_found' } }
    const body = await readBody(request)
    if (body === undefined) return { status: 400, body: { reason: 'invalid_request' } }
    // Redis, for the store or for the queue. What its client throws may hold the job, so it is not passed on.
    return route(body, request).catch(() => ({ status: 503, body: { reason: 'unavailable' } }))
  }

  return (request, response) => {
    void answer(request).then(
      ({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body))
      },
      // The visitor hung up in the middle.
      () => response.destroy(),
    )
  }
}

/** Right where visitors connect directly. Behind a proxy, take the address that the proxy says. */
const clientOf = (request: IncomingMessage) => ({ ip: request.socket.remoteAddress ?? 'unknown' })

const longestBody = 4_096

/** The object that the body holds; nothing where it holds none. */
async function readBody(request: IncomingMessage): Promise<Body | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    // Read to its end all the same, so that the reply arrives; kept only as far as it may be used.
    if (length <= longestBody) chunks.push(chunk)
  }
  if (length > longestBody) return undefined
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString())
    return typeof body === 'object' && body !== null ? (body as Body) : undefined
  } catch {
    return undefined
  }
}

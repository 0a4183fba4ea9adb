import { parseCookie } from 'cookie'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Api } from './api.js'
import { createGuards, type Incoming } from './guards.js'
import { pickLanguage } from './language.js'
import { ownHeaders } from './own-headers.js'
import { ownRoutes } from './own-routes.js'
import type { Parts } from './parts.js'
import type { Answer } from './route.js'
import { createTakeHit } from './throttle.js'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Serves the routes with Fastify. */
export async function fastifyApp(api: Api, parts: Parts): Promise<FastifyInstance> {
  const { database, secrets, now, log, publicUrl, trustedProxies } = parts
  const guards = createGuards({ wire: api.wire, takeHit: createTakeHit(database, secrets.tokens, now), publicUrl, log })
  const malformed = (request: FastifyRequest, reply: FastifyReply) =>
    write(reply, guards.refuse({ refused: 'malformed' }, languageOf(request)))
  const app = Fastify({
    bodyLimit: 16_384,
    trustProxy: (_address, hop) => hop < trustedProxies,
    routerOptions: { ignoreTrailingSlash: true },
  })
  // Fastify reads plain text as well: a body is JSON, or none.
  app.removeContentTypeParser('text/plain')
  // The schema of a route judges its body, and says so in the app's own words.
  app.setValidatorCompiler(() => () => true)

  app.addHook('onResponse', async (request, reply) => {
    // The route's path, with its parameters unfilled: what a visitor put into a URL is not logged.
    const { url: path = '' } = request.routeOptions
    log.info({ method: request.method, path, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'answered')
  })

  for (const [url, answer] of Object.entries(await ownRoutes(api, parts))) {
    app.get(url, async (_request, reply) => write(reply, await answer()))
  }

  for (const route of api.routes) {
    app.route({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => write(reply, await guards.answer(route, incoming(request, bodyOf(request)))),
      errorHandler: async (error, request, reply) => write(reply, await guards.answer(route, incoming(request, unreadable(error)))),
    })
  }
  for (const url of new Set(api.routes.map((route) => route.path))) {
    const allowed: readonly string[] = api.routes.filter((route) => route.path === url).map(({ method }) => method)
    app.route({
      method: methods.filter((method) => !allowed.includes(method)),
      url,
      handler: (request, reply) =>
        write(reply, guards.refuse({ refused: 'wrong_method' }, languageOf(request), { allow: allowed.join(', ') })),
    })
  }
  app.setNotFoundHandler((request, reply) => write(reply, guards.refuse({ refused: 'not_found' }, languageOf(request))))
  app.setErrorHandler((_error, request, reply) => malformed(request, reply))
  await app.ready()
  return app
}

const languageOf = ({ headers }: FastifyRequest) => pickLanguage(headers['accept-language'])

const bodyOf = ({ body }: FastifyRequest): Incoming['body'] => (body === undefined ? { refused: 'not_json' } : { parsed: body })

function unreadable(error: unknown): Incoming['body'] {
  const { code } = Object(error) as Partial<FastifyError>
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return { refused: 'too_large' }
  return { refused: code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' ? 'not_json' : 'malformed' }
}

function incoming(request: FastifyRequest, body: Incoming['body']): Incoming {
  const { headers } = request
  const fetchSite = headers['sec-fetch-site']
  let cookies: ReturnType<typeof parseCookie> | undefined
  return {
    ip: request.ip,
    language: languageOf(request),
    userAgent: headers['user-agent'],
    authorization: headers.authorization,
    origin: headers.origin,
    fetchSite: typeof fetchSite === 'string' ? fetchSite : undefined,
    params: request.params as Incoming['params'],
    query: new URL(request.url, 'http://localhost').searchParams,
    cookie(name) {
      cookies ??= parseCookie(headers.cookie ?? '')
      return cookies[name]
    },
    body,
  }
}

function write(reply: FastifyReply, { status, body, headers = {} }: Answer): FastifyReply {
  return reply
    .code(status)
    .headers({ ...ownHeaders, ...headers })
    .send(body)
}

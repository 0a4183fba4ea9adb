import { parse as parseForm } from 'node:querystring'
import { parseCookie } from 'cookie'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Api } from './api.js'
import { createGuards, type Incoming } from './guards.js'
import { pickLanguage } from './language.js'
import { ownHeaders } from './own-headers.js'
import { ownRoutes } from './own-routes.js'
import type { Parts } from './parts.js'
import type { Answer, Route } from './route.js'
import { createTakeHit } from './throttle.js'

const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

const form = 'application/x-www-form-urlencoded'

/** Serves the routes with Fastify. */
export async function fastifyApp(api: Api, parts: Parts): Promise<FastifyInstance> {
  const { database, secrets, now, log, publicUrl, trustedProxies } = parts
  const guards = createGuards({ wire: api.wire, takeHit: createTakeHit(database, secrets.tokens, now), publicUrl, log })
  const refuse = (refused: 'malformed' | 'not_found' | 'failed') => (request: FastifyRequest, reply: FastifyReply) =>
    write(reply, guards.refuse({ refused }, languageOf(request)))
  const app = Fastify({
    bodyLimit: 16_384,
    trustProxy: (_address, hop) => hop < trustedProxies,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 16_384 },
    // Schemas name the keys that they read: what else a body holds is nobody's.
    ...{ onProtoPoisoning: 'ignore', onConstructorPoisoning: 'ignore' },
    // A path that does not decode: the framework's own refusals speak the app's wire too.
    frameworkErrors: (_error, request, reply) => void refuse('malformed')(request, reply),
  })
  // Fastify reads plain text as well: a body is JSON, a form where a route takes one, or none.
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser(form, { parseAs: 'string', bodyLimit: 65_536 }, async (_request: FastifyRequest, text: string) =>
    parseForm(text),
  )
  // The schema of a route judges its body, and says so in the app's own words.
  app.setValidatorCompiler(() => () => true)

  app.addHook('onResponse', async (request, reply) => {
    const { url: path = '' } = request.routeOptions
    const answered = { method: request.method, path, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }
    log.info(answered, 'answered')
    api.observe?.(answered)
  })

  for (const [url, answer] of Object.entries(await ownRoutes(api, parts))) {
    app.get(url, async (_request, reply) => write(reply, await answer()))
  }

  for (const route of api.routes) {
    app.route({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => write(reply, await guards.answer(route, incoming(request, bodyOf(route, request)))),
      async errorHandler(error, request, reply) {
        // Only what comes before the handler: what comes after it must not be answered a second time.
        const body = unreadable(error)
        return body ? write(reply, await guards.answer(route, incoming(request, body))) : refuse('failed')(request, reply)
      },
    })
  }
  for (const url of new Set(api.routes.map((route) => route.path))) {
    const allowed: readonly string[] = api.routes.filter((route) => route.path === url).map(({ method }) => method)
    const wrongMethod = (request: FastifyRequest, reply: FastifyReply) =>
      write(reply, guards.refuse({ refused: 'wrong_method' }, languageOf(request), { allow: allowed.join(', ') }))
    app.route({
      // Whoever may GET may ask for the HEAD of it.
      method: methods.filter((method) => !allowed.includes(method === 'HEAD' ? 'GET' : method)),
      url,
      handler: wrongMethod,
      errorHandler: (_error, request, reply) => wrongMethod(request, reply),
    })
  }
  app.setNotFoundHandler(refuse('not_found'))
  app.setErrorHandler((error, request, reply) => refuse(unreadable(error) ? 'not_found' : 'failed')(request, reply))
  await app.ready()
  return app
}

const languageOf = ({ headers }: FastifyRequest) => pickLanguage(headers['accept-language'])

function bodyOf({ takes = 'json' }: Route, { body, headers }: FastifyRequest): Incoming['body'] {
  const isForm = headers['content-type']?.toLowerCase().startsWith(form) ?? false
  return body === undefined || isForm !== (takes === 'form') ? { refused: 'not_json' } : { parsed: body }
}

/** Why the body could not be read, where that is what went wrong. */
function unreadable(error: unknown): Incoming['body'] | undefined {
  const { code = '' } = Object(error) as Partial<FastifyError>
  if (!code.startsWith('FST_ERR_CTP_')) return undefined
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return { refused: 'too_large' }
  // Every field is missing: the schema says so, which says more.
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY') return { parsed: {} }
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

import { parseCookie } from 'cookie'
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express'
import type { Api } from './api.js'
import { createGuards, type Incoming } from './guards.js'
import { pickLanguage } from './language.js'
import { ownHeaders } from './own-headers.js'
import { ownRoutes } from './own-routes.js'
import type { Parts } from './parts.js'
import type { Answer } from './route.js'
import { createTakeHit } from './throttle.js'

/** Serves the routes with Express. */
export async function expressApp(api: Api, parts: Parts): Promise<Express> {
  const { database, secrets, now, log, publicUrl, trustedProxies } = parts
  const guards = createGuards({ wire: api.wire, takeHit: createTakeHit(database, secrets.tokens, now), publicUrl, log })
  const app = express().disable('x-powered-by').disable('etag').set('trust proxy', trustedProxies).set('query parser', false)
  app.set('case sensitive routing', true)

  app.use((request, response, next) => {
    const startedAt = performance.now()
    response.once('finish', () => {
      const ms = Math.round(performance.now() - startedAt)
      const answered = { method: request.method, path: request.route?.path ?? '', status: response.statusCode, ms }
      log.info(answered, 'answered')
      api.observe?.(answered)
    })
    next()
  })

  app.use((request, _response, next) => {
    // Said of every path, not only of one with parameters: it throws, and the floor answers.
    decodeURIComponent(request.path)
    next()
  })

  for (const [path, answer] of Object.entries(await ownRoutes(api, parts))) {
    app.get(path, async (_request, response) => write(response, await answer()))
  }

  // A compressed body is longer than it looks: none is read.
  const parse = {
    json: express.json({ limit: '16kb', strict: false, inflate: false }),
    form: express.urlencoded({ limit: '64kb', extended: false, inflate: false }),
  }
  const unreadable: ErrorRequestHandler = (error, request, response, next) => {
    if (response.headersSent) return next(error)
    response.locals['refused'] = error?.status === 413 ? 'too_large' : 'malformed'
    request.body = undefined
    next()
  }
  for (const route of api.routes) {
    app[route.method.toLowerCase() as Lowercase<typeof route.method>](
      route.path,
      parse[route.takes ?? 'json'],
      unreadable,
      async (request: Request, response: Response) => {
        write(response, await guards.answer(route, incoming(request, response)))
      },
    )
  }
  for (const path of new Set(api.routes.map((route) => route.path))) {
    const allow = api.routes.filter((route) => route.path === path).map(({ method }) => method)
    app.all(path, (request, response) => {
      write(response, guards.refuse({ refused: 'wrong_method' }, languageOf(request), { allow: allow.join(', ') }))
    })
  }
  app.use((request, response) => write(response, guards.refuse({ refused: 'not_found' }, languageOf(request))))
  const floor: ErrorRequestHandler = (error, request, response, next) => {
    if (response.headersSent) return next(new Error('the reply was cut off'))
    // The framework's own refusals speak the app's wire too.
    write(response, guards.refuse({ refused: error instanceof URIError ? 'malformed' : 'failed' }, languageOf(request)))
  }
  return app.use(floor)
}

const languageOf = (request: Request) => pickLanguage(request.get('accept-language'))

function incoming(request: Request, response: Response): Incoming {
  const refused = response.locals['refused'] as 'malformed' | 'too_large' | undefined
  const parsed: unknown = request.body
  let cookies: ReturnType<typeof parseCookie> | undefined
  return {
    ip: request.ip ?? 'unknown',
    language: languageOf(request),
    userAgent: request.get('user-agent'),
    authorization: request.get('authorization'),
    origin: request.get('origin'),
    fetchSite: request.get('sec-fetch-site'),
    params: request.params as Incoming['params'],
    query: new URL(request.url, 'http://localhost').searchParams,
    cookie(name) {
      cookies ??= parseCookie(request.get('cookie') ?? '')
      return cookies[name]
    },
    body: refused ? { refused } : parsed === undefined ? { refused: 'not_json' } : { parsed },
  }
}

function write(response: Response, { status, body, headers = {} }: Answer): void {
  response.status(status).set(ownHeaders)
  for (const [name, value] of Object.entries(headers)) response.set(name, typeof value === 'string' ? value : [...value])
  if (body === undefined) response.end()
  else if (typeof body === 'string') response.type(response.get('content-type') ?? 'text').send(body)
  else response.json(body)
}

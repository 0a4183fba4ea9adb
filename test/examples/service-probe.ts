import { z } from 'zod'
import type { Api } from '../../examples/service/api.js'
import { envelopeWire, success } from '../../examples/service/envelope.js'
import { expressApp } from '../../examples/service/express.js'
import { fastifyApp } from '../../examples/service/fastify.js'
import { migrate } from '../../examples/service/migrate.js'
import type { Parts } from '../../examples/service/parts.js'
import { type Access, type Answer, type Route, route } from '../../examples/service/route.js'
import type { Service } from '../../examples/service/run-service.js'

export const frameworks = ['Express', 'Fastify'] as const
export type Framework = (typeof frameworks)[number]

export const migrationsOf = (folder: 'service' | 'accounts') => new URL(`../../examples/${folder}/migrations/`, import.meta.url)

/** Serves routes with either framework, and nothing else. */
export async function serveProbe(framework: Framework, parts: Parts, routes: readonly Route[]): Promise<Service> {
  await migrate(parts.database, [migrationsOf('service')])
  const api: Api = {
    title: 'Probe',
    description: 'What guards are tried on',
    routes,
    wire: envelopeWire({ name_needed: { fr: 'Il faut un nom.', en: 'A name is needed.' } }),
    ready: async () => {},
  }
  if (framework === 'Express') return { listener: await expressApp(api, parts), close: async () => {} }
  const app = await fastifyApp(api, parts)
  return { listener: app.routing, close: () => app.close() }
}

/** `Bearer member` passes, `Bearer guest` is known and may not. */
const member: Access<string> = {
  says: 'A member',
  admit: async ({ authorization }) => {
    if (authorization === 'Bearer member') return { who: 'member' }
    return { refused: authorization === 'Bearer guest' ? 'forbidden' : 'unauthorized' }
  },
}

const named = z.object({
  name: z.string('name_needed').min(1, 'name_needed').max(20),
  note: z.string().max(5).optional(),
  count: z.number().int().optional(),
})
const replies = { 200: 'Well' }

/** One route for each guard, and what they answered so far. */
export function probeRoutes(): { readonly routes: readonly Route[]; readonly ran: string[] } {
  const ran: string[] = []
  const well = async (name: string, data: object = {}): Promise<Answer> => {
    ran.push(name)
    return success(200, 'well', data)
  }
  const routes = [
    route({
      method: 'GET',
      path: '/things/:id',
      summary: 'One',
      replies,
      answer: ({ params, query }) => well('one', { ...params, q: query.get('q') }),
    }),
    route({ method: 'POST', path: '/things/', summary: 'Adds', body: named, replies, answer: ({ body }) => well('add', body) }),
    route({ method: 'POST', path: '/empty/', summary: 'Takes nothing', replies, answer: () => well('empty') }),
    route({
      method: 'POST',
      path: '/form/',
      summary: 'A webhook',
      takes: 'form',
      body: named,
      replies,
      answer: ({ body }) => well('form', body),
    }),
    route({
      ...{ method: 'POST', path: '/staircase/', summary: 'Every guard', access: member, body: named, replies },
      throttles: [
        { name: 'stairs', spans: [{ max: 8, windowMs: 60_000 }] },
        { name: 'stairs_name', spans: [{ max: 1, windowMs: 60_000 }], key: ({ body }) => body.name },
      ],
      answer: ({ who }) => well('staircase', { who }),
    }),
    route({
      ...{ method: 'POST', path: '/throws/', summary: 'Fails', body: z.object({ code: z.unknown().optional() }), replies },
      answer: async ({ body }) => {
        throw Object.assign(new TypeError('a secret +33612345678'), { code: body.code, detail: 'secret' })
      },
    }),
    route({
      method: 'POST',
      path: '/unsayable/',
      summary: 'Answers what is no JSON',
      replies,
      answer: () => well('unsayable', { big: 1n }),
    }),
    route({ method: 'GET', path: '/text/', summary: 'Plain', replies, answer: async () => ({ status: 200, body: 'a < b' }) }),
    route({
      ...{ method: 'GET', path: '/headers/', summary: 'Headers of its own', replies },
      answer: async ({ cookie }) => ({ status: 204, headers: { 'set-cookie': [`one=${cookie('given')}`, 'two=2'], 'x-own': 'yes' } }),
    }),
  ]
  return { routes, ran }
}

import { z } from 'zod'
import type { Api } from './api.js'
import type { Route } from './route.js'

/** The OpenAPI 3.1 document of an app, made of the routes that it serves. */
export function apiDocument({ title, description, routes }: Pick<Api, 'title' | 'description' | 'routes'>, publicUrl: URL): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    const operations = paths[path] ?? {}
    operations[route.method.toLowerCase()] = operationOf(route)
    paths[path] = operations
  }
  return {
    openapi: '3.1.0',
    info: { title, description, version: '1.0.0' },
    servers: [{ url: publicUrl.origin }],
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  }
}

function operationOf({ summary, access, body, takes, replies, throttles = [], method, path }: Route): object {
  const responses: Record<number, string> = {
    ...(body && { 400: 'A field is missing or wrong' }),
    ...(access && { 401: 'Nobody is signed in' }),
    ...(throttles.length > 0 && { 429: 'Too many requests: Retry-After says when to come again' }),
    503: 'Database, store or SMS provider is away',
    ...replies,
  }
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[^a-z0-9]+/gi, '_')}`.replace(/_$/, ''),
    summary,
    ...(access && { security: [{ bearer: [] }], description: access.says }),
    parameters: [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...(body && {
      requestBody: {
        required: true,
        content: { [mediaTypes[takes ?? 'json']]: { schema: z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }) } },
      },
    }),
    responses: Object.fromEntries(Object.entries(responses).map(([status, description]) => [status, { description }])),
  }
}

const mediaTypes = { json: 'application/json', form: 'application/x-www-form-urlencoded' } as const

import type { EndpointName } from './endpoints.js'
import type { OpenApiMedia, OpenApiOperation, OpenApiParameter, OpenApiResponse } from './open-api-document.js'
import { type JsonSchema, problemType, type ResponseSchema } from './problem-schema.js'
import { routeSchemas } from './schemas.js'

/** An endpoint as an operation, from the schema of its route. */
export function operationOf(name: EndpointName, purpose: string | undefined): OpenApiOperation {
  const { summary, description, tags, headers, body, response } = routeSchemas[name]
  const { examples: [example] = [], ...schema } = body
  return {
    operationId: `${name}Code${purpose === undefined ? '' : `For${inCapitals(purpose)}`}`,
    ...{ summary, description, tags },
    parameters: Object.entries(headers.properties ?? {}).map(parameterOf),
    requestBody: { required: true, content: { 'application/json': { schema, example } } },
    responses: responsesOf(response, purpose),
  }
}

const inCapitals = (purpose: string) => purpose.replace(/(?:^|[^A-Za-z0-9]+)(\w?)/g, (_, letter: string) => letter.toUpperCase())

const parameterOf = ([name, { description = '', ...schema }]: readonly [string, JsonSchema]): OpenApiParameter => ({
  ...{ name, in: 'header', required: false, description, schema },
})

/** The responses of an operation. Failures refer to the one schema of all of them, and say what is narrower. */
export function responsesOf(
  responses: Readonly<Record<number, ResponseSchema>>,
  purpose?: string | undefined,
): Readonly<Record<string, OpenApiResponse>> {
  return Object.fromEntries(Object.entries(responses).map(([status, response]) => [status, responseOf(response, purpose)]))
}

function responseOf({ description, headers, content }: ResponseSchema, purpose: string | undefined): OpenApiResponse {
  const entries = Object.entries(content ?? {}).map(([type, media]): [string, OpenApiMedia] => [
    type,
    type === problemType ? narrowed(media) : purposeful(media, purpose),
  ])
  return {
    description,
    ...(headers !== undefined && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, { description = '', ...schema }]) => [name, { description, schema }]),
      ),
    }),
    ...(content !== undefined && { content: Object.fromEntries(entries) }),
  }
}

type Media = { readonly schema: JsonSchema; readonly example?: unknown }

function narrowed({ schema: { type, required = [], properties = {} }, example }: Media): OpenApiMedia {
  const some = Object.entries(properties).filter(([, { enum: values }]) => values !== undefined)
  const own = {
    type,
    required,
    properties: Object.fromEntries(some.map(([name, { type, enum: values = [] }]) => [name, { type, enum: values }])),
  }
  return { schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, own] }, example }
}

/** A mount has one purpose, and so has what it answers. */
function purposeful({ schema, example }: Media, purpose: string | undefined): OpenApiMedia {
  const said = schema.properties?.['purpose']
  if (purpose === undefined || said === undefined) return { schema, example }
  return {
    schema: { ...schema, properties: { ...schema.properties, purpose: { ...said, enum: [purpose] } } },
    example: { ...Object(example), purpose },
  }
}

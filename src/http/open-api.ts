import { misconfigured } from '../errors.js'
import { isBasePath } from './base-path.js'
import type { EndpointName } from './endpoints.js'
import type { OpenApiDocument, OpenApiServer } from './open-api-document.js'
import { operationOf } from './open-api-operation.js'
import { reportOperations, signatures } from './open-api-reports.js'
import { type ProblemCode, statuses } from './problem.js'
import { problemSchema } from './problem-schema.js'

/** Options of `openApiDocument`. */
export interface OpenApiOptions {
  /** What the document calls the API. Default `Phone verification`. */
  readonly title?: string | undefined
  /** The version of your API. Default `1.0.0`. */
  readonly version?: string | undefined
  /** What stands before `/send` in the paths. Default `''`. */
  readonly basePath?: string | undefined
  /** Where the API is: `[{ url: 'https://example.com' }]`. Default: where the document is. */
  readonly servers?: readonly OpenApiServer[] | undefined
  /**
   * The purpose of the mount. It tells operations apart where documents of several mounts are put together, and is the one purpose that a
   * reply is said to have. Default: operations are named by their endpoints alone, and a reply may have any purpose.
   */
  readonly purpose?: string | undefined
  /** Whether the paths of delivery reports are there. Default false: only providers call them. */
  readonly webhooks?: boolean | undefined
}

type Rule = readonly [holds: (value: unknown) => boolean, message: string]

const isText = (value: unknown) => typeof value === 'string' && value !== ''
const text: Rule = [isText, 'must be a text']

const rules: Readonly<Record<keyof OpenApiOptions, Rule>> = {
  title: text,
  version: text,
  basePath: [isBasePath, "must begin with / and not end with it, or be ''"],
  servers: [
    (value) => Array.isArray(value) && value.every((server) => isText(server?.url)),
    "must list servers such as { url: 'https://…' }",
  ],
  purpose: [(value) => typeof value === 'string' && /^[A-Za-z][\w-]{0,63}$/.test(value), 'must be the purpose of the mount'],
  webhooks: [(value) => typeof value === 'boolean', 'must be true or false'],
}

/**
 * The endpoints as an OpenAPI 3.1 document, made of the very schemas that Fastify's routes have. It is a new object each time, to be
 * changed, served as JSON or put together with yours.
 *
 * @throws `ERR_PV_CONFIGURATION` when an option is wrong
 */
export function openApiDocument(given: OpenApiOptions = {}): OpenApiDocument {
  const { title = 'Phone verification', version = '1.0.0', basePath = '', servers, purpose, webhooks = false } = readOptions(given)
  const operation = (name: EndpointName) => ({ post: operationOf(name, purpose) })
  const document: OpenApiDocument = {
    openapi: '3.1.0',
    info: { title, version, description: 'Proves that a person has a phone, by a code sent to it. Failures are problems as of RFC 9457.' },
    ...(servers !== undefined && { servers }),
    paths: {
      [`${basePath}/send`]: operation('send'),
      [`${basePath}/resend`]: operation('resend'),
      [`${basePath}/verify`]: operation('verify'),
      ...(webhooks &&
        Object.fromEntries(Object.entries(reportOperations).map(([provider, post]) => [`${basePath}/webhooks/${provider}`, { post }]))),
    },
    components: {
      schemas: { Problem: problemSchema(Object.keys(statuses) as ProblemCode[]) },
      ...(webhooks && { securitySchemes: signatures }),
    },
  }
  return structuredClone(document)
}

function readOptions(given: OpenApiOptions): OpenApiOptions {
  const options: OpenApiOptions = Object.assign(Object.create(null), given)
  const problems = Object.entries(options).flatMap(([option, value]) => {
    const rule = Object.hasOwn(rules, option) ? rules[option as keyof OpenApiOptions] : undefined
    if (rule === undefined) return [{ option, message: 'is no option of a document' }]
    return value === undefined || rule[0](value) ? [] : [{ option, message: rule[1] }]
  })
  if (problems.length > 0) throw misconfigured(problems)
  return options
}

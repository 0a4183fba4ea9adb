import type { JsonSchema } from './problem-schema.js'

export interface OpenApiServer {
  readonly url: string
  readonly description?: string
}

/** A schema of an OpenAPI 3.1 document. */
export type OpenApiSchema = JsonSchema | { readonly $ref: string } | { readonly allOf: readonly (JsonSchema | { readonly $ref: string })[] }

export interface OpenApiMedia {
  readonly schema: OpenApiSchema
  readonly example?: unknown
}

export interface OpenApiParameter {
  readonly name: string
  readonly in: 'header'
  readonly required: boolean
  readonly description?: string
  readonly schema: JsonSchema
}

export interface OpenApiResponse {
  readonly description: string
  readonly headers?: Readonly<Record<string, { readonly description?: string; readonly schema: JsonSchema }>>
  readonly content?: Readonly<Record<string, OpenApiMedia>>
}

export interface OpenApiOperation {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly tags: readonly string[]
  readonly parameters?: readonly OpenApiParameter[]
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly requestBody: { readonly required: true; readonly content: Readonly<Record<string, OpenApiMedia>> }
  readonly responses: Readonly<Record<string, OpenApiResponse>>
}

/** What of an OpenAPI 3.1 document there is here. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly servers?: readonly OpenApiServer[]
  readonly paths: Readonly<Record<string, { readonly post: OpenApiOperation }>>
  readonly components: {
    readonly schemas: { readonly Problem: JsonSchema }
    readonly securitySchemes?: Readonly<Record<string, Readonly<Record<string, string>>>>
  }
}

import type { OpenApiMedia, OpenApiOperation } from './open-api-document.js'
import { responsesOf } from './open-api-operation.js'
import { problemResponses } from './problem-schema.js'

/** How providers prove that a report is theirs. */
export const signatures = {
  twilioSignature: { type: 'apiKey', in: 'header', name: 'X-Twilio-Signature', description: 'HMAC-SHA1 with the auth token, by Twilio.' },
  vonageSignature: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'HS256 with the signature secret, by Vonage.' },
} as const

const anyObject: OpenApiMedia = { schema: { type: 'object', description: "The provider's own." } }

const reportOf = (
  operationId: string,
  provider: string,
  types: readonly string[],
  signature: keyof typeof signatures,
): OpenApiOperation => ({
  operationId,
  summary: `Delivery report of ${provider}`,
  description: `What became of an SMS, as ${provider} says it. It never verifies a phone.`,
  tags: ['delivery reports'],
  security: [{ [signature]: [] }],
  requestBody: { required: true, content: Object.fromEntries(types.map((type) => [type, anyObject])) },
  responses: {
    204: { description: 'Taken.' },
    ...responsesOf(problemResponses(['forbidden', 'not_found', 'request_timeout', 'content_too_large', 'internal_error'])),
  },
})

/** The operations that providers call, by provider. */
export const reportOperations: Readonly<Record<string, OpenApiOperation>> = {
  twilio: reportOf('receiveTwilioReport', 'Twilio', ['application/x-www-form-urlencoded', 'application/json'], 'twilioSignature'),
  vonage: reportOf('receiveVonageReport', 'Vonage', ['application/json'], 'vonageSignature'),
}

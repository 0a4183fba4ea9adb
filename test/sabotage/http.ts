import type { Defect } from './defect.js'

const webhooks = (name: string) => ['http/webhooks.test.ts', name] as const

/** Defects of the wire. */
export const http: readonly Defect[] = [
  {
    name: 'HTTP: the visitor says its own address',
    file: 'http/client-address.ts',
    find: 'slice(-trustedProxies)',
    replace: 'slice(0, trustedProxies)',
    caughtBy: ['http/client-address.test.ts', 'G25: the address to limit by > is as far from the end as there are proxies'],
  },
  {
    name: 'HTTP: the last of two equal names counts',
    file: 'http/json-object.ts',
    find: 'isPlainlyUnique(text, value) ? undefined : repeatedName(text)',
    replace: 'undefined as string | undefined',
    caughtBy: ['http/json-object.test.ts', 'a body that is one JSON object > with a name twice is refused'],
  },
  {
    name: 'HTTP: a request without a tenant has the terms of all',
    file: 'http/endpoints.ts',
    find: 'if (settings.tenant !== undefined && tenant === undefined) return undefined',
    replace: '',
    caughtBy: ['http/endpoints.test.ts', 'endpoints of Express 5 > a challenge is its tenant’s alone'],
  },
  {
    name: 'HTTP: a report of Twilio is believed, whoever signed it',
    file: 'http/webhook-twilio.ts',
    find: 'if (form === undefined || !isSigned(signature, request.query, written(form)))',
    replace: 'if (form === undefined)',
    caughtBy: webhooks('Twilio > another status is refused'),
  },
  {
    name: 'HTTP: the signature of Vonage is for any body',
    file: 'http/webhook-vonage.ts',
    find: "if (!('bytes' in body && hasDigest(body.bytes, claims.payload_hash)))",
    replace: "if (!('bytes' in body))",
    caughtBy: webhooks('Vonage > the hash of another body is refused'),
  },
]

import type { Defect } from './defect.js'

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
    file: 'http/said.ts',
    find: 'if (tenant !== undefined && whose === undefined) return undefined',
    replace: '',
    caughtBy: ['http/endpoints.test.ts', 'endpoints of Express 5 > a challenge is its tenant’s alone'],
  },
  {
    name: 'HTTP: a report of Twilio is believed, whoever signed it',
    file: 'http/webhook-twilio.ts',
    find: 'if (form === undefined || !isSigned(signature, request.query, written(form)))',
    replace: 'if (form === undefined)',
    caughtBy: ['http/webhook-twilio.test.ts', 'T-HOOK-01, T-HOOK-04: refused over a socket > another status than was signed'],
  },
  {
    name: 'HTTP: the signature of Vonage is for any body',
    file: 'http/webhook-vonage.ts',
    find: "if (!('bytes' in body && hasDigest(body.bytes, claims.payload_hash)))",
    replace: "if (!('bytes' in body))",
    caughtBy: ['http/webhook-vonage.test.ts', 'T-HOOK-02: refused over a socket > the digest of the same JSON in another spelling'],
  },
]

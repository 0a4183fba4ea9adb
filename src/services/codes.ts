import { canonicalPayload } from '../domain/binding.js'
import { deriveCode } from '../domain/code.js'
import { mac } from '../domain/keyring.js'
import type { Codes } from './challenge.js'

const version = 'v1'

/** The code of a challenge and its digest. The digest binds everything the code was issued for: change one field and no code fits. */
export const createCodes = (): Codes => ({
  code: ({ id, nonce, policy }, keys) => deriveCode(keys.code, id, nonce, policy.codeLength),
  digest: ({ id, tenant, purpose, phone, subject, payload }, keys, code) =>
    mac(keys.digest, [version, keys.id, tenant, purpose, id, phone, subject, payload && canonicalPayload(payload), code]),
})

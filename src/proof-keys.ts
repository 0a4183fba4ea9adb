import { createPrivateKey, createPublicKey, type JsonWebKey, KeyObject } from 'node:crypto'
import type { ProofKeyOption } from './options.js'
import type { ProofKey } from './services/proof.js'
import { type Inspection, isListOf, isObject, isText } from './validation.js'

/** The key pairs that sign proofs, as KeyObjects. What is no Ed25519 or P-256 pair is a problem, never a weaker signature. */
export function readProofKeys(option: unknown, { check }: Pick<Inspection, 'check'>): readonly ProofKey[] {
  check('proofKeys', option, isListOf(isObject), 'must list { kid, privateKey, publicKey }')
  if (!isListOf(isObject)(option)) return []
  const given = option as readonly ProofKeyOption[]
  check('proofKeys', given, () => new Set(given.map(({ kid }) => kid)).size === given.length, 'must not use a kid twice')
  return given.flatMap((key, index) => {
    const path = `proofKeys.${index}`
    check(`${path}.kid`, key.kid, isText(128), 'must be a string of 1 to 128 characters', 'required')
    const publicKey = keyOf(key.publicKey, 'public')
    const privateKey = key.privateKey === undefined ? undefined : keyOf(key.privateKey, 'private')
    const algorithm = publicKey && algorithmOf(publicKey)
    check(`${path}.publicKey`, algorithm, () => true, 'must be an Ed25519 or P-256 public key', 'required')
    if (key.privateKey !== undefined || index === 0) {
      const pair = () => publicKey !== undefined && privateKey !== undefined && isPair(privateKey, publicKey)
      check(`${path}.privateKey`, privateKey, pair, 'must be the private key of publicKey', 'required')
    }
    return algorithm && publicKey ? [{ kid: key.kid, algorithm, publicKey, ...(privateKey && { privateKey }) }] : []
  })
}

function keyOf(key: JsonWebKey | KeyObject, type: 'public' | 'private'): KeyObject | undefined {
  try {
    const made = key instanceof KeyObject ? key : { public: createPublicKey, private: createPrivateKey }[type]({ key, format: 'jwk' })
    return made.type === type ? made : undefined
  } catch {
    return undefined
  }
}

function algorithmOf(key: KeyObject): ProofKey['algorithm'] | undefined {
  if (key.asymmetricKeyType === 'ed25519') return 'EdDSA'
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256'
  return undefined
}

const isPair = (privateKey: KeyObject, publicKey: KeyObject) => createPublicKey(privateKey).equals(publicKey)

import { seal, unseal } from '../service/seal.js'

export interface SecretSeal {
  seal(accountId: string, secret: Uint8Array): string
  /** @throws where it is not what was sealed for this account */
  open(accountId: string, sealed: string): Buffer
}

/**
 * Encrypts what the database keeps of an authenticator. Whoever reads the database can make no codes, and a row that is copied to another
 * account opens nothing there.
 */
export function createSecretSeal(key: Buffer): SecretSeal {
  const boundTo = (accountId: string) => `account ${accountId}`
  return {
    seal: (accountId, secret) => seal(key, boundTo(accountId), secret),
    open: (accountId, sealed) => unseal(key, boundTo(accountId), sealed),
  }
}

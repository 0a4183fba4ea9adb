import { createHash, createHmac } from 'node:crypto'

/** How long the old number may take a change back, in milliseconds: a day. */
export const undoMs = 24 * 3_600_000

/**
 * 96 bits that only whoever reads the old number's texts has. Made from the change and a secret, so that a text which failed can be sent
 * again although the token stands nowhere.
 */
export const undoToken = (secret: string, changeId: string): string =>
  createHmac('sha256', secret)
    .update(JSON.stringify(['phone_change_undo', changeId]))
    .digest()
    .subarray(0, 12)
    .toString('base64url')

/** What is kept of it. A token of 96 bits needs no slow hash. */
export const undoDigest = (token: string): string => createHash('sha256').update(token).digest('base64url')

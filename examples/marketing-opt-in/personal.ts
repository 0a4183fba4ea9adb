import { randomBytes } from 'node:crypto'
import { seal, unseal } from '../service/seal.js'

/** What a record says of a person: the part that must be forgotten when the person asks. */
export type Personal = Readonly<Record<string, string | null>>

/** A key of one subscriber. Dropping it forgets what no statement may change. */
export const newPersonalKey = (): string => randomBytes(32).toString('base64url')

/** `record` is what it belongs to: it opens nowhere else. */
export const sealPersonal = (personal: Personal, key: string, record: string): string =>
  seal(Buffer.from(key, 'base64url'), record, JSON.stringify(personal))

/** @throws where it was sealed by another key, for another record, or changed */
export const openPersonal = (sealed: string, key: string, record: string): Personal =>
  JSON.parse(unseal(Buffer.from(key, 'base64url'), record, sealed).toString())

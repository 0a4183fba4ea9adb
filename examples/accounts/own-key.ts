import { hkdfSync } from 'node:crypto'
import type { Parts } from '../service/parts.js'

/** A key for one use, made of the service's secret (RFC 5869): what one key protects says nothing of another. */
export const ownKey = ({ tokens }: Parts['secrets'], use: 'authenticator' | 'backup code'): Buffer =>
  Buffer.from(hkdfSync('sha256', tokens, '', `two-factor: ${use}`, 32))

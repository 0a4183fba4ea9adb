import type { Action } from './audit.js'

/** One use of codes: its purpose, its counts, and its two lines in the audit. */
export interface Flow {
  readonly purpose: string
  readonly tenant: string
  readonly sends: Action
  readonly checks: Action
}

/**
 * Each flow counts by itself, three sends an hour to a number: were they counted together, whoever asks for confirmations would lock the
 * owner of the number out of signing in, and texts to members would tell, at the reset, that there is an account.
 */
export const flows = {
  confirmation: { purpose: 'confirmation', tenant: 'confirmation', sends: 'send', checks: 'verify' },
  reset: { purpose: 'password_reset', tenant: 'reset', sends: 'reset_request', checks: 'reset_confirm' },
  signIn: { purpose: 'two_factor', tenant: 'sign_in', sends: 'sign_in_send', checks: 'sign_in_verify' },
} as const satisfies Readonly<Record<string, Flow>>

import { z } from 'zod'

const minute = 60_000

/** By address, beside the verifier's own limits by number and client. All flows share them. */
export const sendThrottle = { name: 'confirmation_send', spans: [{ max: 20, windowMs: 10 * minute }] } as const
export const checkThrottle = { name: 'confirmation_check', spans: [{ max: 30, windowMs: minute }] } as const

/** What is typed from a text: long enough for the prefix and blanks. */
export const codeField = z.string('field_required').max(64, 'field_required')

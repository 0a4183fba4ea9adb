import { z } from 'zod'
import { cleanToken } from './clean-token.js'

/** A field that people paste: without what nobody sees. */
export const pasted = (longest: number) => z.string().max(longest).transform(cleanToken).pipe(z.string().min(1))

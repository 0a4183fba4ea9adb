import type { ProblemCode } from '../problem.js'
import { en } from './en.js'

/** What a person reads of each problem. */
export type Titles = Readonly<Record<ProblemCode, string>>

/** Titles by language, as a BCP 47 tag. */
export const titles: Readonly<Record<string, Titles>> = { en }

import { z } from 'zod'
import { type PasswordProblem, type PersonalWords, passwordProblems, passwordSentences } from '../accounts/password-policy.js'
import { failure } from '../service/envelope.js'
import type { Language } from '../service/language.js'
import type { Answer } from '../service/route.js'
import { sentences } from './sentences.js'

/** The fields of a new password, typed twice. */
export const newPassword = { new_password: z.string().max(1_024), new_password_confirm: z.string().max(1_024) } as const

export interface NewPassword {
  readonly new_password: string
  readonly new_password_confirm: string
}

/** What is wrong with a new password, before a code is spent on it; nothing where it may be used. */
export function refusedPassword(body: NewPassword, language: Language, person?: PersonalWords): Answer | undefined {
  if (body.new_password !== body.new_password_confirm) {
    return failure(400, sentences.mismatch[language], { new_password_confirm: [sentences.mismatch[language]] })
  }
  const problems = passwordProblems(body.new_password, person)
  return problems.length === 0 ? undefined : weakPassword(problems, language)
}

export const weakPassword = (problems: readonly PasswordProblem[], language: Language, more: object = {}): Answer =>
  failure(400, sentences.weakPassword[language], { new_password: problems.map((problem) => passwordSentences[problem][language]), ...more })

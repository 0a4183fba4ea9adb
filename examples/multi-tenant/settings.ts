import { z } from 'zod'
import { isTemplate } from './wording.js'

const whole = (min: number, max: number) => z.number().int().min(min).max(max)
/** One line. Counted as the library counts: an emoji is two, to `max()` it is one. */
const line = (max: number) =>
  z
    .string()
    .regex(/^\P{C}+$/u, 'line')
    .refine(({ length }) => length <= max, 'line')

/** What the administrator says of an organization, besides its account. The ranges are the library's. */
export const settingsFields = {
  name: line(64).refine((name) => name.trim() === name, 'line'),
  // With the code in it, one SMS of plain letters.
  template: line(140).refine(isTemplate, 'template'),
  code_length: whole(6, 10),
  code_seconds: whole(60, 600),
  sends_per_hour: whole(1, 100_000),
  sends_per_day: whole(1, 1_000_000),
}

type Said = { readonly [Name in keyof typeof settingsFields]?: z.infer<(typeof settingsFields)[Name]> | undefined }

/** The same, by the app's names. What is not said stays unsaid. */
export const toSettings = <Given extends Said>(said: Given) => ({
  name: said.name as Given['name'],
  template: said.template as Given['template'],
  codeLength: said.code_length as Given['code_length'],
  codeSeconds: said.code_seconds as Given['code_seconds'],
  sendsPerHour: said.sends_per_hour as Given['sends_per_hour'],
  sendsPerDay: said.sends_per_day as Given['sends_per_day'],
})

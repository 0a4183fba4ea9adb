import { z } from 'zod'
import { programs } from './programs.js'
import { canonicalTimeZone } from './quiet-hours.js'

/** What somebody may choose. Without a time zone, that of the number's country counts. */
const timeZone = z
  .string()
  .max(64)
  .refine((name) => canonicalTimeZone(name) !== undefined, 'time_zone_unknown')
  .transform((name) => canonicalTimeZone(name) ?? null)
  .nullish()
const chosen = z.array(z.enum(programs, 'program_unknown')).max(programs.length)

/** At least one program: an empty subscription is none. */
export const firstChoices = z.object({ programs: chosen.min(1, 'program_unknown').default([...programs]), time_zone: timeZone })

/** None is a choice too: whoever leaves the last program has left. */
export const newChoices = z.object({
  programs: chosen,
  time_zone: timeZone,
  consent: z.boolean().optional(),
  disclosure_version: z.string().max(64).optional(),
})

import type { Preferences } from './preferences.js'

const clocks = new Map<string, Intl.DateTimeFormat>()

/** What the clock on the wall says there, `07:30`: winter and summer are the time zone's business. */
export function wallClock(timeZone: string, at: number): string {
  const clock = clocks.get(timeZone) ?? new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  clocks.set(timeZone, clock)
  return clock.format(at)
}

/** Whether this machine can reckon in a zone of that name: `Europe/Paris`. */
export function isTimeZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && wallClock(name, 0) !== ''
  } catch {
    return false
  }
}

type Quiet = Pick<Preferences, 'quiet_hours_start' | 'quiet_hours_end' | 'time_zone'>

/** Whether it is one of the hours in which only what is critical may disturb. The first minute is one of them, the last one is not. */
export function isQuiet({ quiet_hours_start: start, quiet_hours_end: end, time_zone }: Quiet, at: number): boolean {
  if (start === null || end === null) return false
  const time = wallClock(time_zone, at)
  // From 22:00 to 07:00 there is a midnight between.
  return start < end ? start <= time && time < end : start <= time || time < end
}

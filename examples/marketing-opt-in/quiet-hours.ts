import { type PhoneNumber, parsePhoneNumber } from 'phone-verify'
import { zones } from './zones.js'

/** Texts leave from 9 to 20 o'clock where they are read (L10): US federal law says 8 to 21, some of its states 8 to 20. */
const [first, last] = [9, 20]

const hourFormats = new Map<string, Intl.DateTimeFormat>()

function hourIn(timeZone: string, at: number): number {
  const format = hourFormats.get(timeZone) ?? new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' })
  hourFormats.set(timeZone, format)
  return Number(format.format(at))
}

/** Whether the owner of this number sleeps, or might. Of a country that we know no hours of, everybody always does. */
export function isQuiet(phone: PhoneNumber, timeZone: string | null, at: number): boolean {
  const parsed = parsePhoneNumber(phone)
  const country = parsed.ok ? parsed.country : undefined
  const places = timeZone === null ? (country !== undefined && Object.hasOwn(zones, country) && zones[country]) || [] : [timeZone]
  return places.length === 0 || places.some((place) => hourIn(place, at) < first || hourIn(place, at) >= last)
}

/** A time zone by its one name; nothing where this machine can reckon in none of that name. */
export function canonicalTimeZone(name: string): string | undefined {
  try {
    return /^[A-Za-z]/.test(name) ? new Intl.DateTimeFormat('en-GB', { timeZone: name }).resolvedOptions().timeZone : undefined
  } catch {
    return undefined
  }
}

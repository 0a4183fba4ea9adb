import type { LocalizedOptions } from 'phone-verify/sms/localized'
import { countSegments } from 'phone-verify/sms/segments'
import type { Language, Sentence } from '../service/language.js'
import { type Alert, type Severity, severities } from './alert.js'

export const brand = 'Argus'

/** The whole text is made here, where its length is known: the template adds nothing. */
export const smsTexts: NonNullable<LocalizedOptions['resources']> = {
  fr: { notice: { security_alert: '{{text}}' } },
  en: { notice: { security_alert: '{{text}}' } },
}

const words: Readonly<Record<Severity, Sentence>> = {
  low: { fr: 'faible', en: 'low' },
  medium: { fr: 'moyenne', en: 'medium' },
  high: { fr: 'élevée', en: 'high' },
  critical: { fr: 'critique', en: 'critical' },
}

/** One line for one alert, or for all that were held back: how many, how grave, and the newest of the gravest. */
export function headline(alerts: readonly Alert[], language: Language): string {
  const worst = [...alerts].sort((one, other) => gravity(other) - gravity(one) || Number(other.id) - Number(one.id))[0]
  if (worst === undefined) return brand
  const colon = language === 'fr' ? ' :' : ':'
  if (alerts.length === 1) {
    const said = words[worst.severity][language]
    return language === 'fr' ? `${brand}, alerte ${said} : ${worst.message}` : `${brand}, ${said} alert: ${worst.message}`
  }
  const tally = [...severities]
    .reverse()
    .map((severity) => [alerts.filter((alert) => alert.severity === severity).length, words[severity][language]] as const)
    .flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : []))
    .join(', ')
  const held = language === 'fr' ? 'alertes retenues' : 'alerts held back'
  return `${brand}${colon} ${alerts.length} ${held} (${tally}). ${worst.message}`
}

const gravity = ({ severity }: Alert) => severities.indexOf(severity)

/** The text of one SMS, in one segment: letters that GSM-7 lacks lose their accents, and what is too long its end. */
export function smsText(alerts: readonly Alert[], language: Language): string {
  const line = Array.from(plain(headline(alerts, language).replace(/\s+/g, ' ').trim()))
  const fits = (text: string) => countSegments(text).segments === 1
  if (fits(line.join(''))) return line.join('')
  while (!fits(`${line.join('')}...`)) line.pop()
  return `${line.join('').trimEnd()}...`
}

/** One ê would make 160 characters 70. */
function plain(text: string): string {
  const lacking = new Set(countSegments(text).problems ?? [])
  const base = (character: string) => (character === '’' ? "'" : character.normalize('NFKD').replace(/\p{M}/gu, ''))
  return Array.from(text, (character) => (lacking.has(character) ? base(character) : character)).join('')
}

/** The e-mail has room for all of them. */
export const letterOf = (alerts: readonly Alert[], language: Language) => ({
  // A line break would begin another header.
  subject: headline(alerts, language).replace(/\s+/g, ' ').slice(0, 200),
  text: alerts
    .map(({ raisedAt, severity, title, message }) => `${raisedAt.toISOString()} [${words[severity][language]}] ${title}\n${message}`)
    .join('\n\n'),
})

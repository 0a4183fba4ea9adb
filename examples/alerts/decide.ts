import { type Alert, type Channel, type Kind, reaches, type Severity } from './alert.js'
import type { Preferences } from './preferences.js'
import { isQuiet } from './quiet-hours.js'

/** What is known when one alert is looked at for one channel. */
export interface Circumstances {
  /** Whether there is somewhere to send it: for SMS, a number that was verified. */
  readonly reachable: boolean
  /** How many this channel took in the last hour. */
  readonly sentThisHour: number
  /** Unix milliseconds. */
  readonly at: number
}

export type Decision =
  | { readonly verdict: 'deliver'; readonly reason: 'passed' }
  | { readonly verdict: 'hold'; readonly reason: 'quiet_hours' | 'hourly_cap' }
  | {
      readonly verdict: 'drop'
      readonly reason: 'method_disabled' | 'no_phone' | 'no_email' | 'below_minimum' | 'kind_too_mild' | 'quiet_hours' | 'hourly_cap'
    }

/** Below these no text is sent, whatever the person's minimum: it would be paid for and wake somebody. */
const mildestText: Readonly<Record<Kind, Severity>> = {
  suspicious_object: 'high',
  anomaly: 'medium',
  high_frequency: 'high',
  out_of_hours: 'medium',
}

/** The whole rule: whether an alert goes out on a channel now, later with others, or never, and why. It asks nobody and changes nothing. */
export function decide(
  { kind, severity }: Pick<Alert, 'kind' | 'severity'>,
  channel: Channel,
  preferences: Preferences,
  { reachable, sentThisHour, at }: Circumstances,
): Decision {
  if (!preferences.enabled_methods.includes(channel)) return { verdict: 'drop', reason: 'method_disabled' }
  if (!reachable) return { verdict: 'drop', reason: channel === 'sms' ? 'no_phone' : 'no_email' }
  if (!reaches(severity, preferences[`min_severity_${channel}`])) return { verdict: 'drop', reason: 'below_minimum' }
  if (channel === 'sms' && !reaches(severity, mildestText[kind])) return { verdict: 'drop', reason: 'kind_too_mild' }
  // A list is looked at when one likes: it disturbs nobody, and shows all there is.
  if (channel === 'web') return { verdict: 'deliver', reason: 'passed' }

  const isCritical = severity === 'critical'
  // What is critical waits for room in the hour, but is never lost.
  const orLater = preferences.enable_aggregation || isCritical ? 'hold' : 'drop'
  if (!isCritical && isQuiet(preferences, at)) return { verdict: orLater, reason: 'quiet_hours' }
  // For what is critical as well: whoever floods the detector must not flood the phone, and the bill.
  if (sentThisHour >= preferences.max_notifications_per_hour) return { verdict: orLater, reason: 'hourly_cap' }
  return { verdict: 'deliver', reason: 'passed' }
}

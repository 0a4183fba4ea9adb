/** From what can wait to what cannot. */
export const severities = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof severities)[number]

export const kinds = ['suspicious_object', 'anomaly', 'high_frequency', 'out_of_hours'] as const
export type Kind = (typeof kinds)[number]

export const channels = ['web', 'email', 'sms'] as const
export type Channel = (typeof channels)[number]

/** What was detected. */
export interface Alert {
  readonly id: string
  readonly kind: Kind
  readonly severity: Severity
  readonly title: string
  readonly message: string
  readonly raisedAt: Date
}

/** Whether a severity is at least another. */
export const reaches = (severity: Severity, minimum: Severity): boolean => severities.indexOf(severity) >= severities.indexOf(minimum)

export const alertColumns = `security_alert.id::text AS id, security_alert.kind, security_alert.severity, security_alert.title,
  security_alert.message, security_alert.raised_at AS "raisedAt"`

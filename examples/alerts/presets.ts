import type { Preferences } from './preferences.js'

/** What a preset changes; everything else stays as the person left it. */
export const presets = {
  normal: {
    enabled_methods: ['web', 'email', 'sms'],
    min_severity_web: 'low',
    min_severity_email: 'high',
    min_severity_sms: 'critical',
    max_notifications_per_hour: 5,
    enable_aggregation: true,
  },
  intensive: {
    enabled_methods: ['web', 'sms'],
    min_severity_sms: 'medium',
    max_notifications_per_hour: 10,
    quiet_hours_start: null,
    quiet_hours_end: null,
    enable_aggregation: false,
  },
  development: { enabled_methods: ['web'], min_severity_sms: 'critical', max_notifications_per_hour: 3 },
} as const satisfies Readonly<Record<string, Partial<Preferences>>>

export const presetNames = ['normal', 'intensive', 'development'] as const satisfies readonly (keyof typeof presets)[]

export const applyPreset = (name: keyof typeof presets, current: Preferences): Preferences => {
  const { enabled_methods, ...rest } = presets[name]
  return { ...current, ...rest, enabled_methods: [...enabled_methods] }
}

/**
 * The countries that we text, and every time zone that is lived in there. A number tells its country, not where its owner is: where there
 * are several zones, all of them must be awake.
 */
export const zones: Readonly<Record<string, readonly [string, ...string[]]>> = {
  BE: ['Europe/Brussels'],
  CA: [
    ...(['America/St_Johns', 'America/Halifax', 'America/Toronto', 'America/Winnipeg'] as const),
    ...['America/Regina', 'America/Edmonton', 'America/Vancouver', 'America/Whitehorse'],
  ],
  CH: ['Europe/Zurich'],
  CM: ['Africa/Douala'],
  DE: ['Europe/Berlin'],
  ES: ['Europe/Madrid', 'Atlantic/Canary'],
  FR: ['Europe/Paris'],
  GB: ['Europe/London'],
  US: [
    ...(['America/New_York', 'America/Chicago', 'America/Denver', 'America/Phoenix'] as const),
    ...['America/Los_Angeles', 'America/Anchorage', 'America/Adak', 'Pacific/Honolulu'],
  ],
}

export const countries = Object.keys(zones)

import fc from 'fast-check'
import { countSegments } from 'phone-verify/sms/segments'
import { describe, expect, test } from 'vitest'
import { type Alert, channels, kinds, severities } from '../../examples/alerts/alert.js'
import { createBell } from '../../examples/alerts/bell.js'
import { decide } from '../../examples/alerts/decide.js'
import { defaults, type Preferences, preferencesSchema } from '../../examples/alerts/preferences.js'
import { applyPreset } from '../../examples/alerts/presets.js'
import { isQuiet, isTimeZone } from '../../examples/alerts/quiet-hours.js'
import { headline, letterOf, smsText } from '../../examples/alerts/texts.js'

const noon = Date.UTC(2026, 0, 15, 11)
const night = Date.UTC(2026, 0, 15, 23)
const loud: Preferences = { ...defaults, enabled_methods: [...channels], min_severity_email: 'low', min_severity_sms: 'low' }
const sleeper: Preferences = { ...loud, quiet_hours_start: '22:00', quiet_hours_end: '07:00' }
const free = { reachable: true, sentThisHour: 0, at: noon }

describe('decide', () => {
  test.each([
    ['passes where nothing is in its way', 'anomaly', 'medium', 'sms', loud, free, 'deliver passed'],
    ['not on a channel that is off', 'anomaly', 'critical', 'sms', { ...loud, enabled_methods: ['web'] }, free, 'drop method_disabled'],
    ['no text without a verified number', 'anomaly', 'critical', 'sms', loud, { ...free, reachable: false }, 'drop no_phone'],
    ['no letter without an address', 'anomaly', 'critical', 'email', loud, { ...free, reachable: false }, 'drop no_email'],
    ['below the minimum of the channel', 'anomaly', 'high', 'sms', defaultsWithSms(), free, 'drop below_minimum'],
    ['at the minimum', 'anomaly', 'critical', 'sms', defaultsWithSms(), free, 'deliver passed'],
    ['an object is texted from high on', 'suspicious_object', 'medium', 'sms', loud, free, 'drop kind_too_mild'],
    ['an object that is high', 'suspicious_object', 'high', 'sms', loud, free, 'deliver passed'],
    ['high frequency is texted from high on', 'high_frequency', 'medium', 'sms', loud, free, 'drop kind_too_mild'],
    ['out of hours is texted from medium on', 'out_of_hours', 'low', 'sms', loud, free, 'drop kind_too_mild'],
    ['out of hours that is medium', 'out_of_hours', 'medium', 'sms', loud, free, 'deliver passed'],
    ['what is mild is mailed', 'suspicious_object', 'low', 'email', loud, free, 'deliver passed'],
    ['quiet hours hold', 'anomaly', 'high', 'sms', sleeper, { ...free, at: night }, 'hold quiet_hours'],
    ['quiet hours hold letters', 'anomaly', 'high', 'email', sleeper, { ...free, at: night }, 'hold quiet_hours'],
    ['the list is never quiet', 'anomaly', 'low', 'web', sleeper, { ...free, at: night, sentThisHour: 99 }, 'deliver passed'],
    ['what is critical wakes', 'anomaly', 'critical', 'sms', sleeper, { ...free, at: night }, 'deliver passed'],
    ['quiet hours drop without aggregation', 'anomaly', 'high', 'sms', one(sleeper), { ...free, at: night }, 'drop quiet_hours'],
    ['one below the cap', 'anomaly', 'high', 'sms', loud, { ...free, sentThisHour: 4 }, 'deliver passed'],
    ['the cap holds', 'anomaly', 'high', 'sms', loud, { ...free, sentThisHour: 5 }, 'hold hourly_cap'],
    ['the cap drops without aggregation', 'anomaly', 'high', 'sms', one(loud), { ...free, sentThisHour: 5 }, 'drop hourly_cap'],
    [
      'what is critical is held at the cap, never lost',
      'anomaly',
      'critical',
      'sms',
      one(loud),
      { ...free, sentThisHour: 5 },
      'hold hourly_cap',
    ],
  ] as const)('%s', (_name, kind, severity, channel, preferences, circumstances, expected) => {
    const { verdict, reason } = decide(
      { kind, severity },
      channel,
      { ...preferences, enabled_methods: [...preferences.enabled_methods] },
      circumstances,
    )
    expect(`${verdict} ${reason}`).toBe(expected)
  })

  const time = fc
    .integer({ min: 0, max: 1439 })
    .map((at) => `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`)
  const severity = fc.constantFrom(...severities)
  const anyPreferences: fc.Arbitrary<Preferences> = fc
    .record({
      enabled_methods: fc.subarray([...channels]),
      ...{ min_severity_web: severity, min_severity_email: severity, min_severity_sms: severity },
      max_notifications_per_hour: fc.integer({ min: 1, max: 60 }),
      quiet: fc.option(fc.uniqueArray(time, { minLength: 2, maxLength: 2 })),
      time_zone: fc.constantFrom('Europe/Paris', 'America/New_York', 'Africa/Douala', 'Australia/Lord_Howe'),
      enable_aggregation: fc.boolean(),
      language: fc.constantFrom('fr', 'en'),
    })
    .map(({ quiet, ...rest }) => ({ ...rest, quiet_hours_start: quiet?.[0] ?? null, quiet_hours_end: quiet?.[1] ?? null }))
  const circumstances = fc.record({
    reachable: fc.boolean(),
    sentThisHour: fc.integer({ min: 0, max: 70 }),
    at: fc.integer({ min: 0, max: 4e12 }),
  })
  const asked = [fc.constantFrom(...kinds), severity, fc.constantFrom(...channels), anyPreferences, circumstances] as const

  test('the preferences that are tried are ones that the API takes', () =>
    fc.assert(fc.property(anyPreferences, (preferences) => preferencesSchema.safeParse(preferences).success)))

  test('nothing that disturbs goes out at the cap, off its channel, or to nobody', () =>
    fc.assert(
      fc.property(...asked, (kind, grave, channel, preferences, known) => {
        if (decide({ kind, severity: grave }, channel, preferences, known).verdict !== 'deliver') return true
        const hasRoom = channel === 'web' || known.sentThisHour < preferences.max_notifications_per_hour
        return hasRoom && known.reachable && preferences.enabled_methods.includes(channel)
      }),
    ))

  test('graver is never worse', () => {
    const rank = { drop: 0, hold: 1, deliver: 2 }
    fc.assert(
      fc.property(...asked, severity, (kind, one, channel, preferences, known, other) => {
        const [milder, graver] = [one, other].sort((a, b) => severities.indexOf(a) - severities.indexOf(b))
        const of = (grave = milder) => rank[decide({ kind, severity: grave ?? 'low' }, channel, preferences, known).verdict]
        return of(milder) <= of(graver)
      }),
    )
  })

  test('what is critical does not know what time it is', () =>
    fc.assert(
      fc.property(...asked, fc.integer({ min: 0, max: 4e12 }), (kind, _severity, channel, preferences, known, later) => {
        const at = (moment: number) => decide({ kind, severity: 'critical' }, channel, preferences, { ...known, at: moment })
        expect(at(known.at)).toEqual(at(later))
      }),
    ))

  test('with aggregation, neither hour nor cap loses anything', () =>
    fc.assert(
      fc.property(...asked, (kind, grave, channel, preferences, known) => {
        const { verdict, reason } = decide({ kind, severity: grave }, channel, { ...preferences, enable_aggregation: true }, known)
        return verdict !== 'drop' || (reason !== 'quiet_hours' && reason !== 'hourly_cap')
      }),
    ))
})

function defaultsWithSms(): Preferences {
  return { ...defaults, enabled_methods: ['sms'] }
}

function one(preferences: Preferences): Preferences {
  return { ...preferences, enable_aggregation: false }
}

describe('quiet hours', () => {
  const quiet = (at: string, zone = 'Europe/Paris', [start, end]: readonly [string, string] = ['22:00', '07:00']) =>
    isQuiet({ quiet_hours_start: start, quiet_hours_end: end, time_zone: zone }, Date.parse(at))

  test.each([
    ['winter, 21:59 there', '2026-01-15T20:59:59Z', false],
    ['winter, 22:00 there', '2026-01-15T21:00:00Z', true],
    ['summer, 22:00 there, an hour earlier by UTC', '2026-07-15T20:00:00Z', true],
    ['winter, 06:59 there', '2026-01-15T05:59:59Z', true],
    ['winter, 07:00 there', '2026-01-15T06:00:00Z', false],
    ['the night in which an hour is missing: 06:59', '2026-03-29T04:59:00Z', true],
    ['the night in which an hour is missing: 07:00', '2026-03-29T05:00:00Z', false],
    ['the night in which an hour comes twice: 06:59', '2026-10-25T05:59:00Z', true],
    ['the night in which an hour comes twice: 07:00', '2026-10-25T06:00:00Z', false],
  ])('%s', (_name, at, expected) => expect(quiet(at)).toBe(expected))

  test('an hour that comes twice is quiet twice, and one that is missing is not waited for', () => {
    const twice = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].map((at) => quiet(at, 'Europe/Paris', ['02:00', '03:00']))
    const missing = ['2026-03-29T00:59:00Z', '2026-03-29T01:00:00Z'].map((at) => quiet(at, 'Europe/Paris', ['02:00', '03:00']))
    expect([twice, missing]).toEqual([
      [true, true],
      [false, false],
    ])
  })

  test('the same moment is night for one and day for another', () =>
    expect(['Europe/Paris', 'America/New_York'].map((zone) => quiet('2026-01-15T22:00:00Z', zone))).toEqual([true, false]))

  test('a time zone is one that this machine knows', () =>
    expect(['Europe/Paris', 'Mars/Olympus', '', '+01:00'].map(isTimeZone)).toEqual([true, false, false, false]))
})

test('a preset is what the reference says, and leaves the rest', () => {
  const mine: Preferences = { ...sleeper, time_zone: 'Africa/Douala', min_severity_email: 'medium', language: 'en' }
  expect(applyPreset('normal', mine)).toEqual({
    ...mine,
    ...{ enabled_methods: ['web', 'email', 'sms'], min_severity_web: 'low', min_severity_email: 'high', min_severity_sms: 'critical' },
    ...{ max_notifications_per_hour: 5, enable_aggregation: true },
  })
  expect(applyPreset('intensive', mine)).toEqual({
    ...mine,
    ...{ enabled_methods: ['web', 'sms'], min_severity_sms: 'medium', max_notifications_per_hour: 10 },
    ...{ quiet_hours_start: null, quiet_hours_end: null, enable_aggregation: false },
  })
  expect(applyPreset('development', mine)).toEqual({
    ...mine,
    ...{ enabled_methods: ['web'], min_severity_sms: 'critical', max_notifications_per_hour: 3 },
  })
})

describe('texts', () => {
  const alert = (id: number, severity: Alert['severity'], message: string): Alert => ({
    ...{ id: String(id), kind: 'anomaly', severity, title: 'Anomalie', message, raisedAt: new Date(noon) },
  })

  test('one alert, and several: how many, how grave, and the newest of the gravest', () => {
    const all = [alert(1, 'critical', 'Vieux'), alert(2, 'critical', 'Couteau'), alert(10, 'high', 'Porte')]
    expect(headline(all.slice(1, 2), 'fr')).toBe('Argus, alerte critique : Couteau')
    expect(headline(all, 'fr')).toBe('Argus : 3 alertes retenues (2 critique, 1 élevée). Couteau')
    expect(headline(all, 'en')).toBe('Argus: 3 alerts held back (2 critical, 1 high). Couteau')
  })

  test('letters that GSM-7 lacks lose their accents, so that 160 stay 160', () => {
    const text = smsText([alert(1, 'high', 'L’intrus a forcé la fenêtre, ça suffit')], 'fr')
    expect(text).toBe("Argus, alerte élevée : L'intrus a forcé la fenetre, ca suffit")
    expect(countSegments(text)).toMatchObject({ encoding: 'GSM-7', segments: 1 })
  })

  test('a text is one segment whatever a detector says', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), fc.constantFrom('fr', 'en'), (message, language) => {
        const text = smsText([alert(1, 'critical', message)], language)
        return countSegments(text).segments === 1 && !/[\r\n]/.test(text)
      }),
    ))

  test('no line break of a message stands in a subject', () =>
    expect(letterOf([alert(1, 'high', 'a\r\nBcc: x@example.com')], 'en').subject).toBe('Argus, high alert: a Bcc: x@example.com'))
})

describe('the bell', () => {
  test('wakes those of the account alone, and a fourth wakes the first', async () => {
    const bell = createBell()
    const woken: string[] = []
    const listen = (account: string, name: string) => {
      const listening = bell.listen(account, 60_000)
      return { ...listening, woke: listening.heard.then(() => woken.push(name)) }
    }
    const [first, second, third, other] = [listen('1', 'first'), listen('1', 'second'), listen('1', 'third'), listen('2', 'other')]
    const fourth = listen('1', 'fourth')
    await first.woke
    expect(woken).toEqual(['first'])
    bell.ring('1')
    await Promise.all([second.woke, third.woke, fourth.woke])
    expect(woken).not.toContain('other')
    bell.close()
    await other.woke
    expect(woken).toContain('other')
  })
})

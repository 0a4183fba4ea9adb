import { createInstance, default as globalI18next } from 'i18next'
import { describe, expect, test } from 'vitest'
import type { PhoneVerifyError } from '../../src/errors.js'
import { codeMessage } from '../../src/services/message.js'
import { noticeMessage } from '../../src/services/notice.js'
import type { SmsBackend, SmsMessage } from '../../src/sms/backend.js'
import { catalogue } from '../../src/sms/locales/catalogue.js'
import { createTextFinder } from '../../src/sms/locales/text-finder.js'
import { type LocalizedOptions, locales, localized } from '../../src/sms/localized.js'
import { outboxBackend } from '../../src/sms/outbox.js'
import { backendContract } from '../../src/testing/backend-contract.js'
import { sampleChallenge } from '../fixtures/challenge.js'

const french = '+33612345678' as SmsMessage['to']
const satellite = '+870773111632' as SmsMessage['to']

const message = (over: Partial<SmsMessage> = {}): SmsMessage => ({
  to: satellite,
  text: '482913 is your Acme code. It expires in 5 minutes. Do not share it.',
  code: '482913',
  purpose: 'login',
  context: { app: 'Acme', minutes: 5 },
  ...over,
})

const notice = (template: string, over: Partial<SmsMessage> = {}): SmsMessage => {
  const { code: _, ...rest } = message({ text: '', purpose: 'notice', template, context: { app: 'Acme' }, ...over })
  return rest
}

/** A leaf that keeps the very objects it is given. */
const watchedLeaf = () => {
  const seen: [SmsMessage, AbortSignal | undefined][] = []
  const send: SmsBackend['send'] = async (one, signal) => {
    seen.push([one, signal])
    return { backend: 'leaf', messageId: 'id', segments: 1 }
  }
  return { name: 'leaf', send, seen }
}

const saidTo = async (over: Partial<SmsMessage>, options: LocalizedOptions = {}): Promise<SmsMessage> => {
  const outbox = outboxBackend()
  await localized(options, outbox).send(message(over))
  return outbox.last() as SmsMessage
}

const noticeSaid = async (template: string, options: LocalizedOptions, over: Partial<SmsMessage> = {}): Promise<SmsMessage> => {
  const outbox = outboxBackend()
  await localized(options, outbox).send(notice(template, over))
  return outbox.last() as SmsMessage
}

const refusal = async (options: LocalizedOptions, sent: SmsMessage): Promise<PhoneVerifyError> => {
  const outbox = outboxBackend()
  const outcome = await localized(options, outbox)
    .send(sent)
    .catch((error: unknown) => error)
  expect(outbox.messages).toEqual([])
  expect(outcome).toBeInstanceOf(Error)
  return outcome as PhoneVerifyError
}

const problemsOf = (options: unknown, backend: unknown = outboxBackend()): Readonly<Record<string, string>> => {
  try {
    localized(options as LocalizedOptions, backend as SmsBackend)
  } catch (error) {
    const { code, problems = [] } = error as PhoneVerifyError
    expect(code).toBe('ERR_PV_CONFIGURATION')
    return Object.fromEntries(problems.map(({ option, message }) => [option, message]))
  }
  return {}
}

describe('contract: a wrapper that rewrites passes on what it has no text for', () => {
  const makeBackend = () => {
    const outbox = outboxBackend()
    const wrapper = localized({}, outbox)
    // A template of nobody's. Frozen: the contract looks for changes in its own message, not in this one.
    const send: SmsBackend['send'] = ({ code: _, ...rest }, signal) => wrapper.send(Object.freeze({ ...rest, template: 'nobodys' }), signal)
    return { backend: { name: wrapper.name, send }, delivered: () => outbox.messages }
  }
  backendContract({ test, makeBackend })
})

describe('the language', () => {
  const phone = { to: french }
  const options: LocalizedOptions = { locale: () => 'de', fallbackLocale: 'it' }

  test.each([
    ['the locale of the message', { ...phone, locale: 'es-MX' }, options, 'es'],
    ['the answer of the option', phone, options, 'de'],
    ['the option, where the locale has no text', { ...phone, locale: 'sr-Latn' }, options, 'de'],
    ['the country of the number', phone, { fallbackLocale: 'it' }, 'fr'],
    ['the country, where the option answers nothing', phone, { locale: () => undefined }, 'fr'],
    ['the country, where the option answers junk', phone, { locale: () => '../../etc/passwd' }, 'fr'],
    ['the fallback', {}, { fallbackLocale: 'it' }, 'it'],
    ['English', {}, {}, 'en'],
    ['English, for an inherited name', { locale: '__proto__' }, {}, 'en'],
    ['English, for no string', { locale: { toString: () => 'fr' } as never }, {}, 'en'],
  ])('is that of %s', async (_, over, given, language) => {
    const { text, locale } = await saidTo(over, given)
    expect(locale).toBe(language)
    const source = catalogue[language]?.code.login ?? ''
    expect(text).toBe(source.replace('{{code}}', '482913').replaceAll('{{app}}', 'Acme').replace('{{minutes}}', '5'))
  })

  test('asks no further than it must, with the message', async () => {
    const asked: SmsMessage[] = []
    const given = { locale: (one: SmsMessage) => void asked.push(one) as undefined }
    await saidTo({ locale: 'fr' }, given)
    expect(asked).toEqual([])
    await saidTo({ tenant: 'acme' }, given)
    expect(asked).toEqual([message({ tenant: 'acme' })])
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('482913 +33612345678')
      },
    ],
    ['answers a promise', async () => 'fr'],
    ['answers null', () => null],
  ])('a function that %s is a mistake of the application', async (_, locale) => {
    const error = await refusal({ locale: locale as never }, message())
    expect(error).toMatchObject({ code: 'ERR_PV_CONFIGURATION', problems: [{ option: 'locale' }] })
    expect(`${error.message}${error.stack}${error.cause}`).not.toMatch(/482913|33612345678/)
  })
})

describe('what the core sends', () => {
  const challenge = sampleChallenge({ locale: 'fr-FR', appName: 'Acme' })

  test('a code', async () => {
    const { text } = await saidTo(codeMessage({ ...challenge, purpose: 'registration', payload: undefined }, '012345', 600_000))
    expect(text).toBe("012345 est votre code d'inscription Acme. Valable 10 min. Ne le communiquez à personne.")
  })

  test.each(['payment', 'login', 'delivery_pin'])(
    'a code for %s with something to approve: every value stands in the text',
    async (purpose) => {
      const payload = { amount: 49.9, currency: 'EUR', empty: '', payee: 'Zoë' }
      const said = await saidTo(codeMessage({ ...challenge, purpose, payload }, '012345', 300_000))
      expect(said.text).toBe('012345 est votre code pour valider sur Acme : 49.9, EUR, Zoë. Valable 5 min. Ne le communiquez à personne.')
      expect(said.mustContain).toEqual(['49.9', 'EUR', '', 'Zoë'])
    },
  )

  test('a code for a payment of which nothing is said', async () => {
    const { text } = await saidTo(codeMessage({ ...challenge, purpose: 'payment', payload: undefined }, '012345', 300_000))
    expect(text).toBe('012345 est votre code Acme. Valable 5 min. Ne le communiquez à personne.')
  })

  test.each(locales)('every purpose and template in %s', async (locale) => {
    const { code, notice: notices } = catalogue[locale] as (typeof catalogue)[string]
    for (const purpose of Object.keys(code)) {
      const payload = purpose === 'payment' ? { amount: 5, payee: 'Zoë' } : undefined
      const plain = codeMessage({ ...challenge, purpose, payload, locale }, '012345', 300_000)
      const said = await saidTo(plain)
      expect(said).toEqual({ ...plain, locale, text: said.text })
      expect(said.text).toMatch(/^012345/)
      expect(said.text).not.toMatch(/[{}]/)
      if (locale !== 'en') expect(said.text).not.toBe(plain.text)
    }
    for (const template of Object.keys(notices)) {
      const plain = noticeMessage({ ...{ to: french, template, appName: 'Acme', tenant: undefined, context: undefined }, locale })
      const outbox = outboxBackend()
      await localized({}, outbox).send(plain)
      expect(outbox.last()?.text).toBe((notices as Record<string, string>)[template]?.replaceAll('{{app}}', 'Acme'))
    }
  })
})

describe('texts of the application', () => {
  const login = '{{code}} : votre code {{app}}.'
  const resources = { fr: { code: { login } } }

  test('are over those of the catalogue, key by key', async () => {
    expect((await saidTo({ locale: 'fr' }, { resources })).text).toBe('482913 : votre code Acme.')
    expect((await saidTo({ locale: 'fr', purpose: 'registration' }, { resources })).text).toMatch(/code d'inscription Acme/)
    expect((await saidTo({ locale: 'de' }, { resources })).text).toMatch(/^482913 ist Ihr Anmeldecode/)
    expect((await saidTo({ locale: 'fr' })).text).toMatch(/^482913 est votre code de connexion/)
  })

  test('of a region stand over those of its language', async () => {
    const regional = { 'fr-CA': { code: { login }, notice: { welcome: 'Bienvenue chez {{app}}.' } } }
    expect(await saidTo({ locale: 'fr-CA' }, { resources: regional })).toMatchObject({ text: '482913 : votre code Acme.', locale: 'fr-CA' })
    expect(await saidTo({ locale: 'fr-FR' }, { resources: regional })).toMatchObject({ locale: 'fr' })
    const rest = await saidTo({ locale: 'fr-CA', purpose: 'registration' }, { resources: regional })
    expect(rest).toMatchObject({ text: expect.stringContaining("d'inscription"), locale: 'fr' })
  })

  test('may be of a language that the catalogue lacks', async () => {
    const own = { eo: { code: { other: '{{code}} estas via kodo por {{app}}.' } } }
    expect((await saidTo({ locale: 'eo' }, { resources: own })).text).toBe('482913 estas via kodo por Acme.')
    expect((await saidTo({}, { resources: own, fallbackLocale: 'eo' })).text).toBe('482913 estas via kodo por Acme.')
    // It says nothing of what is approved, so the next language does.
    const approved = await saidTo({ locale: 'eo', purpose: 'payment', mustContain: ['5 EUR'] }, { resources: own })
    expect(approved).toMatchObject({ text: expect.stringContaining('to confirm at Acme: 5 EUR.'), locale: 'en' })
  })

  test('may be of purposes and templates of its own', async () => {
    const own = {
      fr: { code: { 'pin.v2:a': '{{code}} pour le colis {{parcel}}.' }, notice: { 'a.b': 'Colis {{parcel}} arrivé.' } },
    }
    const context = { app: 'Acme', parcel: 'A-7', minutes: 5 }
    expect((await saidTo({ locale: 'fr', purpose: 'pin.v2:a', context }, { resources: own })).text).toBe('482913 pour le colis A-7.')
    expect((await saidTo({ locale: 'de', purpose: 'pin.v2:a', context }, { resources: own })).text).toMatch(/^482913 ist Ihr Code für Acme/)
    expect((await noticeSaid('a.b', { resources: own }, { locale: 'fr', context })).text).toBe('Colis A-7 arrivé.')
    // The first wish that has a text: not the locale, but the country.
    expect(await noticeSaid('a.b', { resources: own }, { locale: 'de', to: french, context })).toMatchObject({ locale: 'fr' })
  })

  test('for a purpose with something to approve are taken as they are', async () => {
    const own = { en: { code: { login: '{{code}}: {{amount}} to {{payee}}.', payment: '{{code}}: {{amount}}.' } } }
    const over = { context: { app: 'Acme', amount: 5, payee: 'Zoë' }, mustContain: ['5', 'Zoë'] }
    expect((await saidTo(over, { resources: own })).text).toBe('482913: 5 to Zoë.')
    const error = await refusal({ resources: own }, message({ ...over, purpose: 'payment' }))
    expect(error.message).toBe('text: lacks the field payee')
  })

  test('may have plural forms, by minutes', async () => {
    const form = (word: string) => `{{code}}, {{minutes}} ${word}.`
    const own = {
      pl: { code: { login_one: form('minuta'), login_few: form('minuty'), login_many: form('minut'), login_other: form('minuty') } },
    }
    const said = async (minutes: number) => (await saidTo({ locale: 'pl', context: { app: 'Acme', minutes } }, { resources: own })).text
    expect([await said(1), await said(2), await said(5)]).toEqual(['482913, 1 minuta.', '482913, 2 minuty.', '482913, 5 minut.'])
  })

  test('are read once: what changes them later changes nothing', async () => {
    const own = { fr: { code: { login } } }
    const outbox = outboxBackend()
    const sms = localized({ resources: own }, outbox)
    own.fr.code.login = 'hijacked {{code}}'
    await sms.send(message({ locale: 'fr' }))
    expect(outbox.last()?.text).toBe('482913 : votre code Acme.')
  })

  test('a template that nobody has a text for passes unchanged', async () => {
    const leaf = watchedLeaf()
    const given = notice('nobodys', { text: 'As it is.', locale: 'fr' })
    await localized({}, leaf).send(given)
    expect(leaf.seen[0]?.[0]).toBe(given)
    expect(await refusal({}, notice('nobodys'))).toMatchObject({ code: 'ERR_PV_CONFIGURATION', message: 'text: is empty' })
  })
})

describe('a variable that the message lacks', () => {
  const resources = { fr: { code: { login: '{{code}} {{order}} {{app}} {{toString}} {{__proto__}}' } } }

  test('is refused before anything is sent, by its name', async () => {
    const error = await refusal({ resources }, message({ locale: 'fr', context: { app: 'Secret Café', minutes: 5 } }))
    expect(error.code).toBe('ERR_PV_CONFIGURATION')
    expect(error.problems).toEqual(
      ['order', 'toString', '__proto__'].map((name) => ({
        option: 'resources.fr.code.login',
        message: `{{${name}}} is not in the message`,
      })),
    )
    expect(`${error.message}${error.stack}`).not.toMatch(/482913|Secret|870773111632/)
  })

  test('details are none where nothing is approved', async () => {
    const own = { en: { code: { login: '{{code}}: {{details}}' } } }
    expect((await refusal({ resources: own }, message())).message).toContain('{{details}} is not in the message')
  })
})

describe('what the caller says is said literally (T-MSG-01)', () => {
  const options = { lng: 'fr', lngs: 'fr', ns: 'notice', defaultValue: 'HACK', interpolation: 'HACK', count: 2, context: 'x', nest: 1 }
  const more = {
    returnObjects: 1,
    returnDetails: 1,
    joinArrays: 'x',
    postProcess: 'x',
    replace: 'HACK',
    skipInterpolation: 1,
    keySeparator: '.',
  }

  test('names that i18next takes for options choose nothing', async () => {
    const context = { ...options, ...more, app: 'Acme', minutes: 5 }
    expect(await saidTo({ locale: 'de', context })).toMatchObject({
      text: '482913 ist Ihr Anmeldecode für Acme. Er gilt 5 Min. Geben Sie ihn nicht weiter.',
    })
    const own = {
      en: {
        notice: {
          told: Object.keys({ ...options, ...more })
            .map((name) => `{{${name}}}`)
            .join(' '),
        },
      },
    }
    expect((await noticeSaid('told', { resources: own }, { context })).text).toBe(Object.values({ ...options, ...more }).join(' '))
  })

  test.each([
    '{{code}}',
    '{{minutes}}',
    '{code}',
    '$t(other)',
    "$t(login, {'lng': 'fr'})",
    '\x24{code}',
    '{{constructor}}',
    '{{-app}}',
    '%s',
    '$&',
    "$'",
    '$1',
    '&amp;',
    "<b>A&B's</b>",
    '__proto__',
  ])('an app called %s', async (app) => {
    expect((await saidTo({ context: { app, minutes: 5 } })).text).toBe(
      `482913 is your ${app} sign-in code. It expires in 5 min. Do not share it.`,
    )
    const said = await saidTo({ purpose: 'payment', mustContain: [app] })
    expect(said.text).toContain(`to confirm at Acme: ${app}. It`)
  })

  test('a value begins no line of its own', async () => {
    const { text } = await saidTo({ context: { app: 'Acme\n@evil.com #111111', minutes: 5 } })
    expect(text).toBe('482913 is your Acme @evil.com #111111 sign-in code. It expires in 5 min. Do not share it.')
  })

  test('no field of the caller is taken for the code', async () => {
    expect((await saidTo({ context: { app: 'Acme', minutes: 5, code: '111111' } })).text).toMatch(/^482913 is/)
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'code:login', 'login.length', '', 'other_one'])(
    'a purpose or template called %j is one without a text',
    async (name) => {
      expect((await saidTo({ purpose: name })).text).toBe('482913 is your Acme code. It expires in 5 min. Do not share it.')
      expect((await noticeSaid(name, {}, { text: 'As it is.' })).text).toBe('As it is.')
    },
  )
})

describe('start-up', () => {
  test('tells every problem of the texts at once', () => {
    const code = { login: 'Your code', two_factor: '', payment: 7, other: '{{code}} {{a.b}}', ok: '{{code}}', nested: '{{code}} $t(other)' }
    const found = problemsOf(
      {
        resources: {
          en_US: {},
          'PT-br': {},
          eo: { code: { login: '{{code}}' } },
          fr: { code, notice: { a: '{{code}}', b: '{{ app }}', c: '{{app}' }, codes: {} },
          de: null,
          it: { code: 'x', notice: [] },
          ['__proto__']: { code: {} },
        },
        fallbackLocale: 'tlh',
        locale: 'fr',
      },
      {},
    )
    expect(Object.keys(found).sort()).toEqual(
      [
        ...['backend', 'fallbackLocale', 'locale', 'resources.PT-br', 'resources.__proto__', 'resources.de', 'resources.en_US'],
        ...['resources.eo.code.other', 'resources.fr.code.login', 'resources.fr.code.nested', 'resources.fr.code.other'],
        ...['resources.fr.code.payment', 'resources.fr.code.two_factor', 'resources.fr.codes', 'resources.fr.notice.a'],
        ...['resources.fr.notice.b', 'resources.fr.notice.c', 'resources.it.code', 'resources.it.notice'],
      ].sort(),
    )
    expect(found['resources.PT-br']).toBe('must be written pt-BR')
  })

  test.each([[null], [[]], ['fr'], [7]])('resources %j are none', (resources) => {
    expect(problemsOf({ resources })).toEqual({ resources: 'must be an object of texts by language' })
  })

  test.each(['', 'sr-Latn', '__proto__', null, 7, {}])('fallbackLocale %j is a mistake', (fallbackLocale) => {
    expect(Object.keys(problemsOf({ fallbackLocale }))).toEqual(['fallbackLocale'])
  })

  test('accepts no options, and nothing that Object.prototype says', async () => {
    expect(problemsOf(undefined)).toEqual({})
    const polluted = { locale: 'fr', resources: 7, fallbackLocale: 'fr', template: 'security_alert', text: 'Evil', mustContain: ['evil'] }
    const forI18next = { context: 'x', count: 2, lngs: ['fr'], ns: 'notice', defaultValue: 'Evil', replace: 'Evil', returnDetails: true }
    const leaf = watchedLeaf()
    Object.assign(Object.prototype, polluted, forI18next)
    try {
      await localized({ resources: { de: { notice: {} } } }, leaf).send(message())
    } finally {
      for (const name of Object.keys({ ...polluted, ...forI18next })) Reflect.deleteProperty(Object.prototype, name)
    }
    expect(leaf.seen.map(([{ text }]) => text)).toEqual(['482913 is your Acme sign-in code. It expires in 5 min. Do not share it.'])
  })
})

describe('i18next', () => {
  test('of the application is untouched, and another one of ours too', async () => {
    await globalI18next.init({ lng: 'en', resources: { en: { translation: { login: 'mine', code: { login: 'mine' } } } } })
    const theirs = createInstance({ lng: 'fr', resources: {} })
    const one = await saidTo({ locale: 'fr' }, { resources: { fr: { code: { login: '{{code}} un.' } } } })
    const other = await saidTo({ locale: 'fr' }, { resources: { fr: { code: { login: '{{code}} deux.' } } } })
    expect([one.text, other.text]).toEqual(['482913 un.', '482913 deux.'])
    expect([globalI18next.language, globalI18next.t('login'), globalI18next.hasResourceBundle('fr', 'code')]).toEqual(['en', 'mine', false])
    expect(theirs.isInitialized).toBeFalsy()
  })

  test('chooses each text once', () => {
    const { find } = createTextFinder({})
    expect(find('fr', 'code', 'login', 5)).toBe(find('fr', 'code', 'login', 5))
    expect(find('fr', 'code', 'absent', 5)).toBeUndefined()
    for (let index = 0; index <= 5_000; index += 1) find('fr', 'code', 'login', index)
    expect(find('fr', 'code', 'login', 5)?.names).toEqual(['code', 'app', 'minutes'])
  })
})

describe('what it passes on', () => {
  test('is a frozen copy, with the signal; the receipt and the name are those of the wrapped', async () => {
    const leaf = watchedLeaf()
    const given = message({ tenant: 'acme', expiresInMs: 300_000, locale: 'fr-CA' })
    const before = structuredClone(given)
    const { signal } = new AbortController()
    const wrapper = localized({}, leaf)
    expect([wrapper.name, await wrapper.send(given, signal)]).toEqual(['leaf', { backend: 'leaf', messageId: 'id', segments: 1 }])
    expect(leaf.seen).toEqual([[{ ...given, locale: 'fr', text: expect.stringMatching(/^482913 est/) }, signal]])
    expect(Object.isFrozen(leaf.seen[0]?.[0])).toBe(true)
    expect(given).toEqual(before)
  })

  test('an error of the wrapped is passed on as it is', async () => {
    const error = new Error('down')
    await expect(localized({}, { name: 'leaf', send: () => Promise.reject(error) }).send(message())).rejects.toBe(error)
  })
})

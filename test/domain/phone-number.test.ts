import fc from 'fast-check'
import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  anyNumber,
  defaultNumberTypes,
  isCallingCode,
  isCountry,
  isNumberType,
  isSamePhone,
  type NumberType,
  numberPrefix,
  type PhoneNumber,
  type PhoneNumberRules,
  parsePhoneNumber,
} from '../../src/domain/phone-number.js'

const everyType: readonly NumberType[] = [
  ...(['MOBILE', 'FIXED_LINE', 'FIXED_LINE_OR_MOBILE', 'VOIP', 'PREMIUM_RATE', 'TOLL_FREE', 'SHARED_COST'] as const),
  ...(['PERSONAL_NUMBER', 'PAGER', 'UAN', 'VOICEMAIL', 'NON_GEOGRAPHIC'] as const),
]

/** The canonical form, or the reason. */
const read = (input: unknown, rules: PhoneNumberRules = {}): string => {
  const parsed = parsePhoneNumber(input, rules)
  return parsed.ok ? parsed.phone : parsed.reason
}

// T-PHN-01. Each row: the one canonical form, the default country ('' for none), and spellings that must all give it.
const canonicalTable: readonly (readonly [string, string, readonly string[]])[] = [
  ['+14155552671', '', ['+14155552671', '+1 415 555 2671', '+1 (415) 555-2671', '+1.415.555.2671', '+1-415-555-2671', '+1/415 555 2671']],
  ['+14155552671', '', ['(+1) 415 555 2671', '+(1) 415-555-2671', ' +1 415 555 2671 ', '+1 415 555 2671.', '+1 1 415 555 2671']],
  ['+14155552671', 'US', ['(415) 555-2671', '1 415 555 2671', '1-415-555-2671', '14155552671', '+1 415 555 2671', '011 1 415 555 2671']],
  ['+14155552671', 'FR', ['00 1 415 555 2671', '0014155552671', '+14155552671']],
  ['+14155552671', 'JP', ['010 1 415 555 2671']],
  ['+15062345678', 'US', ['506 234 5678', '(506) 234-5678', '+15062345678']],
  ['+18762101234', 'US', ['876 210 1234', '1 876 210 1234', '+1 (876) 210-1234']],
  ['+17672251234', '', ['+1 767 225 1234']],
  ['+18092345678', '', ['+1 809 234 5678']],
  ['+17872345678', '', ['+1 787 234 5678']],
  ['+12423591234', '', ['+1 242 359 1234']],
  ['+18002345678', '', ['+1 800 234 5678']],
  ['+19002345678', '', ['+1 900 234 5678']],
  ['+15005550006', '', ['+15005550006']],
  ['+13406421234', 'VI', ['642 1234', '340 642 1234']],
  ['+390612345678', '', ['+39 06 1234 5678', '+39 (0)6 1234 5678', '+39 (06) 12345678']],
  ['+390612345678', 'IT', ['06 1234 5678', '0612345678', '+39 06 12345678', '0039 06 12345678']],
  ['+393123456789', 'IT', ['312 345 6789', '+39 312 3456789', '0039 312 3456789']],
  ['+3780549886377', '', ['+378 0549 886377', '+378 (0549) 886377', '+378 886377']],
  ['+447911123456', '', ['+447911123456', '+44 (0)7911 123456', '+44 07911 123456', '(+44)(0)7911-123456', '+440 7911 123456']],
  ['+447911123456', 'GB', ['07911 123456', '07911-123-456', '7911 123456', '00 44 7911 123456', '447911123456', '00 44 (0)7911 123456']],
  ['+447911123456', 'US', ['011 44 7911 123456', '+44 7911 123456']],
  ['+447911123456', 'AU', ['0011 44 7911 123456']],
  ['+448712345678', 'GB', ['0871 234 5678']],
  ['+449012345678', 'GB', ['0901 234 5678']],
  ['+33612345678', '', ['+33 6 12 34 56 78', '+33 (0)6 12 34 56 78', '+33 06 12 34 56 78', '+33.6.12.34.56.78']],
  ['+33612345678', 'FR', ['06 12 34 56 78', '06.12.34.56.78', '06-12-34-56-78', '0033 6 12 34 56 78', '6 12 34 56 78', '33 6 12 34 56 78']],
  ['+33800123456', 'FR', ['0 800 123 456']],
  ['+33892123456', 'FR', ['0 892 123 456']],
  ['+4915112345678', 'DE', ['0151 12345678', '0151/12345678', '+49 (0)151 1234 5678', '+49 151-12345678']],
  ['+499001234567', 'DE', ['0900 1 234567']],
  ['+436641234567', 'AT', ['0664 1234567', '+43 (0)664 1234567']],
  ['+41781234567', 'CH', ['078 123 45 67', '+41 (0)78 123 45 67']],
  ['+31612345678', 'NL', ['06 12345678', '+31 (0)6 12345678']],
  ['+36201234567', 'HU', ['06 20 123 4567', '+36 06 20 123 4567', '+36 20 123 4567']],
  ['+37061234567', 'LT', ['8 612 34567', '0 612 34567', '+370 612 34567']],
  ['+358412345678', 'FI', ['041 2345678', '+358 (0)41 2345678']],
  ['+34612345678', 'ES', ['612 34 56 78']],
  ['+48512345678', 'PL', ['512 345 678']],
  ['+79123456789', 'RU', ['8 (912) 345-67-89', '+7 912 345-67-89', '9123456789', '+7 8 912 345 67 89']],
  ['+77012345678', 'KZ', ['8 701 234 5678', '+7 701 234 56 78']],
  ['+375291234567', 'BY', ['8 029 123 45 67', '+375 29 123 45 67']],
  ['+380501234567', 'UA', ['050 123 4567', '+38 (050) 123-45-67']],
  ['+905321234567', 'TR', ['0532 123 45 67', '+90 (0)532 123 45 67']],
  ['+972502345678', 'IL', ['050-234-5678', '+972 (0)50-2345678']],
  ['+525512345678', 'MX', ['55 1234 5678', '+52 55 1234 5678']],
  ['+5491123456789', '', ['+54 9 11 2345 6789', '+54 11 15 2345 6789']],
  ['+5491123456789', 'AR', ['011 15 2345 6789', '11 15 2345-6789', '0 9 11 2345 6789']],
  ['+541123456789', '', ['+54 11 2345 6789']],
  ['+5511912345678', 'BR', ['(11) 91234-5678', '0 11 91234-5678', '0 15 11 91234-5678', '0 41 11 91234-5678', '+55 11 91234-5678']],
  ['+573211234567', 'CO', ['321 1234567', '+57 321 123 4567']],
  ['+2290197123456', 'BJ', ['01 97 12 34 56', '+229 01 97 12 34 56']],
  ['+2250712345678', 'CI', ['07 12 34 56 78', '+225 07 12 34 56 78']],
  ['+242061234567', 'CG', ['06 123 4567', '+242 06 123 4567', '+242 (0)6 123 4567']],
  ['+8613812345678', 'CN', ['138 1234 5678', '+86 138 1234 5678', '17951 138 1234 5678']],
  ['+819012345678', 'JP', ['090-1234-5678', '０９０ー１２３４ー５６７８', '090ｰ1234ｰ5678', '+81 (0)90 1234 5678']],
  ['+919876543210', 'IN', ['098765 43210', '+91 (0)98765-43210', '98765 43210']],
  ['+62812345678', 'ID', ['0812-345-678']],
  ['+61491570156', 'AU', ['0491 570 156', '+61 (0)491 570 156']],
  ['+61891641234', '', ['+61 8 9164 1234']],
  ['+4779021234', 'NO', ['79 02 12 34', '+47 79 02 12 34']],
  ['+59995181234', '', ['+599 9 518 1234']],
  ['+5993181234', '', ['+599 318 1234']],
  ['+6834002', '', ['+683 4002']],
  ['+881612345678', '', ['+881 612 345 678']],
  ['+8823421234', '', ['+882 342 1234']],
  ['+883510012345', '', ['+883 5100 12345']],
  ['+870301234567', '', ['+870 301 234 567']],
  ['+878101234567890', '', ['+878 10 1234567890']],
  ['+979123456789', '', ['+979 1 2345 6789']],
  ['+88812345678901', '', ['+888 123 456 789 01']],
  ['+80012345678', '', ['+800 1234 5678']],
  ['+80812345678', '', ['+808 1234 5678']],
]

const refusedTable: readonly (readonly [string, readonly string[]])[] = [
  ['an extension', ['+14155552671 ext. 89', '+14155552671 ext 89', '+14155552671 x89', '+1 415 555 2671x89', '+14155552671 extension 89']],
  ['an extension', ['+14155552671#89', '+1 415 555 2671-89#', '+14155552671 anexo 89', '+79123456789 доб. 89', '+14155552671 int 89']],
  ['an extension', ['+14155552671;ext=89', '+14155552671,89', '+14155552671,,89#', '+14155552671;89', '+1415555267~1', '+14155552671p89']],
  ['letters', ['1-800-FLOWERS', '+1 800 FLOWERS', '+1 415 555 267l', '+1 415 555 267O', '+1 415 555 267О', '1e10', '0x1F', 'NaN']],
  ['a URI', ['tel:+14155552671', 'TEL:+1-415-555-2671', 'tel:5552671;phone-context=+1415', 'sms:+14155552671', 'callto:+14155552671']],
  ['a URI', ['+14155552671;phone-context=+44', '+14155552671;phone-context=example.com', '%2B14155552671']],
  ['prose', ['call me at +14155552671', '+14155552671 please', '"+14155552671"', "'+14155552671", '<+14155552671>', '📞+14155552671']],
  ['two numbers', ['+14155552671 +14155552672', '+14155552671/+14155552672', '+14155552671, +14155552672', '+14155552671;+14155552672']],
  ['two numbers', ['4155552671 4155552672', '(415) 555-2671 / (415) 555-2672', '4155552671 or 4155552672', '4155552671|4155552672']],
  ['a second plus', ['++14155552671', '+ +14155552671', '+1+4155552671', '+14155552671+', '00+14155552671', '＋+14155552671']],
  ['a misplaced plus', ['14155552671+', '1+4155552671', '+']],
  [
    'a line break',
    ['\n+14155552671', '+14155552671\n', '+1415555\r\n2671', '+14155552671\u2028', '+14155552671\u2029', '+14155552671\u0085'],
  ],
  ['a control character', ['\v+14155552671', '\f+14155552671', '+14155552671\0', '+1415555\u001b2671', '+14155552671\u007f']],
  ['nothing', ['', ' ', '\t', '\u00a0', '()', '-', '\u200b', '+()', '.', '/']],
  ['other punctuation', ['[415] 555-2671', '415_555_2671', '415·555·2671', '415:555:2671', '415\\5552671', '415*5552671', '415~5552671']],
  [
    'a numeral',
    ['+1415555267²', '+1415555267①', '+1415555267½', '+1415555267Ⅷ', '+1415555267⒈', '+1415555267⑴', '+1415555267一', '+1415555267₂'],
  ],
  ['a marked digit', ['+14155552671\u20e3', '+14155552671\ufe0f\u20e3', '+14155552671\u0301', '+14155552671\ud835', '\udfcf+14155552671']],
  ['too long', ['+1 415 555 26711', '+1234567890123456', '+4971643830799135', '+2348007245060807', '0'.repeat(64), '9'.repeat(64)]],
  ['too short', ['+1 415 555 267', '555-2671', '+1 5552671', '+44 7911 12345', '+431112', '+491682', '+989640', '+1', '+14']],
  ['over 64 units', [`+14155552671${' '.repeat(53)}`, `${'('.repeat(53)}+14155552671`, '+'.repeat(65), '١'.repeat(65), '😀'.repeat(33)]],
  ['a short number', ['911', '112', '999', '+1911', '+44 999', '+1 411', '60000', '116117', '+49 116117', '1414']],
  ['no calling code', ['+0 415 555 2671', '+00 1 415 555 2671', '+999 12345678', '+210 12345678', '+8 912 345 67 89']],
  ['no area', ['+1 055 555 2671', '+15551234567', '+447700900123', '+44 7700 900 456']],
  ['a retired form', ['+52 1 55 1234 5678', '+229 97 12 34 56', '+225 07 12 34 56', '+55 11 8123 4567', '+39 6 12345678']],
  [
    'a wrong trunk prefix',
    ['+1 (0)415 555 2671', '+351 (0)912 345 678', '+44 (0)(0)7911 123456', '+54 9 (011) 2345-6789', '+34 (0)612 34 56 78'],
  ],
  ['a foreign exit prefix', ['00 44 7911 123456', '0011 44 7911 123456', '010 44 7911 123456', '8 10 44 7911 123456']],
]

describe('T-PHN-01', () => {
  describe.each(canonicalTable)('%s, default country %j', (canonical, defaultCountry, spellings) => {
    const rules = { ...(defaultCountry && { defaultCountry }), numberTypes: everyType }
    test.each([...spellings, canonical])('is %j', (spelling) => expect(read(spelling, rules)).toBe(canonical))
  })

  describe.each(refusedTable)('%s is refused', (_, inputs) => {
    // Refused as it stands, and where national numbers are understood.
    test.each(inputs)('%j', (input) => {
      expect(read(input, { numberTypes: everyType })).toBe('invalid_phone_number')
      expect(read(input, { numberTypes: everyType, defaultCountry: 'US' })).toBe('invalid_phone_number')
    })
  })

  test.each(['4155552671', '07911 123456', '06 12 34 56 78', '0014155552671', '011 44 7911 123456', '447911123456'])(
    'without a default country %j is no number',
    (national) => expect(read(national)).toBe('invalid_phone_number'),
  )

  test.each(['XX', 'us', 'USA', '', '+1', '__proto__', 'constructor'])(
    '%j as default country reads no national number',
    (defaultCountry) => {
      expect(read('4155552671', { defaultCountry })).toBe('invalid_phone_number')
      expect(read('+14155552671', { defaultCountry })).toBe('+14155552671')
    },
  )

  test('an Italian zero is part of the number: with and without it are two lines, never taken for each other', () => {
    expect(read('+39 0312 345 6789', { numberTypes: everyType })).toBe('+3903123456789')
    expect(read('+39 312 345 6789', { numberTypes: everyType })).toBe('+393123456789')
  })

  test('64 units are read, 65 are not', () => {
    expect(read(`+14155552671${' '.repeat(52)}`)).toBe('+14155552671')
    expect(read(`+14155552671${' '.repeat(53)}`)).toBe('invalid_phone_number')
    expect(read('1'.repeat(10_000_000))).toBe('invalid_phone_number')
  })

  test('the outcome says country, calling code and type', () => {
    const outcome = { ok: true, phone: '+447911123456', country: 'GG', callingCode: '+44', type: 'MOBILE' }
    expect(parsePhoneNumber('+44 7911 123456')).toEqual(outcome)
    expect(parsePhoneNumber('07911 123456', { defaultCountry: 'GB' })).toEqual(outcome)
    const satellite = { ok: true, phone: '+881612345678', country: undefined, callingCode: '+881', type: 'NON_GEOGRAPHIC' }
    expect(parsePhoneNumber('+881612345678', { numberTypes: ['NON_GEOGRAPHIC'] })).toEqual(satellite)
  })
})

// T-SND-04. Forty ways to write one number past a limit.
const sameNumber = [
  ['+447911123456', '+44 7911 123456', '+44-7911-123456', '+44.7911.123456', '+44/7911/123456', '+44 (7911) 123456', '+44 (0)7911 123456'],
  ['+44 (0) 7911 123456', '+4407911123456', '07911 123456', '(07911) 123456', '7911123456', '0044 7911 123456', '00 44 (0)7911 123456'],
  ['447911123456', '44 7911 123456', ' +447911123456 ', '\t+447911123456', '\u200f+447911123456', '\u202a+447911123456\u202c'],
  ['+44\u200b7911\u2060123456', '+44\u00a07911\u202f123456', '+44\u00ad7911–123456', '＋４４７９１１１２３４５６', '+٤٤٧٩١١١٢٣٤٥٦'],
  ['+۴۴۷۹۱۱۱۲۳۴۵۶', '+४४७९१११२३४५६', '+𝟒𝟒𝟕𝟗𝟏𝟏𝟏𝟐𝟑𝟒𝟓𝟔', '+44 7911 ١٢٣456'],
].flat()
const noNumber = [
  ['+447911123456 ext 1', '+447911123456;ext=1', '+447911123456#1', 'tel:+447911123456', '+447911123456x', '++447911123456'],
  ['+447911123456\n', '+44791112345⁶', '+44791112345⑥', '+447911123456 +447911123457', '+44 0 0 7911 123456'],
].flat()

describe('T-SND-04', () => {
  const rules = { defaultCountry: 'GB', numberTypes: everyType }
  test('forty spellings', () => expect(new Set([...sameNumber, ...noNumber]).size).toBe(40))
  test.each(sameNumber)('%j is the one number', (spelling) => expect(read(spelling, rules)).toBe('+447911123456'))
  test.each(noNumber)('%j is no number', (spelling) => expect(read(spelling, rules)).toBe('invalid_phone_number'))
})

// T-SND-07. The country is that of the whole number, never of its first digits.
const policies: readonly { readonly rules: PhoneNumberRules; readonly ok?: string; readonly country?: string; readonly type?: string }[] = [
  {
    rules: { countries: ['US'] },
    ok: '+14155552671 +12125552671',
    country:
      '+15062345678 +14165552671 +18762101234 +17672251234 +18092345678 +17872345678 +12423591234 +12642351234 +33612345678 +881612345678',
    type: '+19002345678 +18002345678 +15005550006',
  },
  { rules: { countries: ['CA'] }, ok: '+15062345678 +14165552671', country: '+14155552671 +19002345678 +18762101234' },
  {
    rules: { countries: ['+1'] },
    ok: '+14155552671 +15062345678 +18762101234 +17872345678',
    country: '+447911123456',
    type: '+19002345678',
  },
  { rules: { countries: ['GB'] }, ok: '+447400123456', country: '+447911123456 +447781123456 +447797712345 +447624123456 +441481255555' },
  { rules: { countries: ['GB'] }, type: '+448712345678 +449012345678 +447012345678 +447640123456 +445512345678 +442071234567' },
  {
    rules: { countries: ['+44'] },
    ok: '+447400123456 +447911123456 +447797712345 +447624123456',
    country: '+33612345678',
    type: '+441481255555',
  },
  { rules: { countries: ['GB', 'JE'] }, ok: '+447400123456 +447797712345', country: '+447911123456' },
  { rules: { countries: ['RU'] }, ok: '+79123456789', country: '+77012345678 +77172123456', type: '+78005553535 +78091234567' },
  { rules: { countries: ['KZ'] }, ok: '+77012345678', country: '+79123456789 +78005553535', type: '+77172123456' },
  { rules: { countries: ['CW'] }, ok: '+59995181234', country: '+5993181234' },
  { rules: { countries: ['BQ'] }, ok: '+5993181234', country: '+59995181234' },
  { rules: { countries: ['AU'] }, ok: '+61491570156', country: '+61891641234 +61891621234', type: '+611300123456 +611900123456' },
  { rules: { countries: ['NO'] }, ok: '+4740612345', country: '+4779021234' },
  { rules: { countries: ['IT'] }, ok: '+393123456789', country: '+39066981234', type: '+390612345678 +39848123456' },
  { rules: { countries: ['FR', 'RE'] }, ok: '+33612345678 +262692123456', country: '+262639012345 +590690001234 +596696201234' },
  {
    rules: { countries: ['DE'] },
    ok: '+4915112345678',
    type: '+493012345678 +499001234567 +4916412345 +491779912345678 +4918500123456 +4970012345678',
  },
  { rules: { countries: ['CH'] }, ok: '+41781234567', type: '+41860123456789 +41840123456' },
  {
    rules: { countries: '*' },
    ok: '+14155552671 +447911123456 +77012345678 +33912345678 +815012345678',
    type: '+33892123456 +33800123456',
  },
  {
    rules: { countries: '*' },
    type: '+881612345678 +8823421234 +883510012345 +870301234567 +878101234567890 +88812345678901 +979123456789 +80012345678 +80812345678',
  },
  { rules: { countries: ['US', 'GB'], numberTypes: ['NON_GEOGRAPHIC'] }, country: '+881612345678 +979123456789', type: '+14155552671' },
  { rules: { countries: ['+881'], numberTypes: ['NON_GEOGRAPHIC'] }, ok: '+881612345678', country: '+8823421234 +14155552671' },
  { rules: { countries: ['DE'], numberTypes: ['FIXED_LINE'] }, ok: '+493012345678', type: '+4915112345678' },
  { rules: { numberTypes: ['MOBILE', 'FIXED_LINE_OR_MOBILE'] }, ok: '+14155552671 +33612345678', type: '+33912345678 +815012345678' },
  { rules: { countries: [] }, country: '+14155552671 +881612345678' },
  { rules: { numberTypes: [] }, type: '+14155552671 +881612345678' },
  { rules: { countries: ['us', 'U', '*', '1', '+', '+14', ''] }, country: '+14155552671 +447911123456' },
]

describe('T-SND-07', () => {
  const numbers = (list = '') => list.split(' ').filter(Boolean)
  describe.each(policies)('$rules', ({ rules, ok, country, type }) => {
    if (ok) test.each(numbers(ok))('admits %s', (phone) => expect(read(phone, rules)).toBe(phone))
    if (country) test.each(numbers(country))('%s is of another country', (phone) => expect(read(phone, rules)).toBe('country_not_allowed'))
    if (type) test.each(numbers(type))('%s is of another type', (phone) => expect(read(phone, rules)).toBe('number_type_not_allowed'))
  })

  test('an invalid number is that first, another country second', () => {
    expect(read('+15551234567', { countries: ['FR'], numberTypes: [] })).toBe('invalid_phone_number')
    expect(read('+14155552671', { countries: ['FR'], numberTypes: [] })).toBe('country_not_allowed')
  })

  test('a rule of the wrong type admits nothing', () => {
    const wrong = (rules: unknown) => read('+14155552671', rules as PhoneNumberRules)
    for (const list of ['US', 'USA', null, 0, {}, { 0: 'US' }, new Set(['US'])])
      expect(wrong({ countries: list })).toBe('country_not_allowed')
    for (const types of ['FIXED_LINE_OR_MOBILE', '*', null, {}]) expect(wrong({ numberTypes: types })).toBe('number_type_not_allowed')
    const holes = { countries: [undefined], numberTypes: ['NON_GEOGRAPHIC'] } as unknown as PhoneNumberRules
    expect(read('+881612345678', holes)).toBe('country_not_allowed')
  })

  test('undefined rules are absent rules', () => {
    const rules = { countries: undefined, numberTypes: undefined, defaultCountry: undefined }
    expect(read('+14155552671', rules)).toBe('+14155552671')
    expect(read('+18002345678', rules)).toBe('number_type_not_allowed')
  })
})

describe('T-INP-01', () => {
  const throwing = () => {
    throw new Error('touched')
  }
  const hostile = new Proxy(
    {},
    { get: throwing, has: throwing, ownKeys: throwing, getPrototypeOf: throwing, getOwnPropertyDescriptor: throwing },
  )
  const phone = '+14155552671'
  const values: readonly (readonly [string, unknown])[] = [
    ...[null, undefined, '', true, false, 0, 14155552671, Number.NaN, 14155552671n].map((value) => [String(value), value] as const),
    ['an empty list', []],
    ['a list of one number', [phone]],
    ['an object', {}],
    ['an object with toString', { toString: () => phone, valueOf: () => phone, [Symbol.toPrimitive]: () => phone }],
    ['a query operator', { $ne: null }],
    ['an object with a length', { length: 12 }],
    ['a String object', Object(phone)],
    ['a Buffer', Buffer.from(phone)],
    ['a symbol', Symbol(phone)],
    ['a function', () => phone],
    ['a date', new Date(0)],
    ['a hostile proxy', hostile],
    ['10 MB of digits', '4'.repeat(10_000_000)],
    ['10 MB of separators', '('.repeat(10_000_000)],
    ['lone surrogates', '\ud800\udfff\ud800'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
  ]
  test.each(values)('%s is no phone number', (_, value) => {
    expect(parsePhoneNumber(value)).toEqual({ ok: false, reason: 'invalid_phone_number' })
    expect(parsePhoneNumber(value, { defaultCountry: 'US' })).toEqual({ ok: false, reason: 'invalid_phone_number' })
  })
  test.each(values)('%s is no country, calling code or number type', (_, value) => {
    expect([isCountry(value), isCallingCode(value), isNumberType(value)]).toEqual([false, false, false])
  })
})

describe('T-INP-05', () => {
  const pieces = ['(', ';ext=', ' ', '-', '+', '1', ')(', '1(', '\u200b', 'x', '#', '٠', '\ufdfa', '+1 ']
  test.each(pieces)('%j over and over, up to the length limit, is no number', (piece) => {
    expect(read(piece.repeat(64).slice(0, 64), { defaultCountry: 'US' })).toBe('invalid_phone_number')
  })
})

describe('every character of Unicode', () => {
  const characters = Array.from({ length: 0x110000 }, (_, codePoint) => codePoint)
    .filter((codePoint) => codePoint < 0xd800 || codePoint > 0xdfff)
    .map((codePoint) => String.fromCodePoint(codePoint))

  test('decimal digits of every script count by value', () => {
    // Unicode lays them out from zero to nine, so every tenth is a zero.
    const digits = characters.filter((character) => /\p{Nd}/u.test(character))
    expect(digits.length).toBeGreaterThan(600)
    for (let zero = 0; zero < digits.length; zero += 10) {
      const written = '+4915123456780'.replace(/\d/g, (digit) => digits[zero + Number(digit)] as string)
      expect(read(written), written).toBe('+4915123456780')
    }
  })

  test('nothing else ever is a digit', () => {
    const numerals = characters.filter((character) => !/\p{Nd}/u.test(character) && /\p{N}/u.test(character.normalize('NFKC') + character))
    expect(numerals.length).toBeGreaterThan(1000)
    for (const numeral of numerals) {
      expect(read(`+1415555267${numeral}`), numeral).toBe('invalid_phone_number')
      expect(read(`+1415555${numeral}2671`), numeral).toBe('invalid_phone_number')
      expect(read(`+14155552671${numeral}`), numeral).toBe('invalid_phone_number')
    }
  })
})

const digit = fc.constantFrom(...'0123456789')
const digits = (minLength: number, maxLength: number) => fc.array(digit, { minLength, maxLength }).map((list) => list.join(''))
/** Numbers near the example of a country: about half of them are valid. */
const international = fc.tuple(fc.constantFrom(...getCountries()), digits(0, 6)).map(([country, tail]) => {
  const example = examples[country]
  return `+${getCountryCallingCode(country)}${example.slice(0, example.length - tail.length)}${tail}`
})
const anyDigits = fc.tuple(fc.constantFrom('', '+'), digits(3, 16)).map((parts) => parts.join(''))
const dialled = fc.oneof({ weight: 1, arbitrary: international }, { weight: 2, arbitrary: anyDigits })
const anything = fc.oneof({ weight: 4, arbitrary: dialled }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) })
const separator = fc.constantFrom(...' \t-.()/\u00a0\u1680\u2009\u3000\u2013\u2212\u30fc\uff08\uff09\uff0e\u200b\u200f\u202c\u00ad\ufeff')
const gap = fc.oneof({ weight: 2, arbitrary: fc.constant('') }, { weight: 1, arbitrary: separator })
const gaps = fc.array(gap, { minLength: 20, maxLength: 40 })
const weave = (text: string, between: readonly string[]) => between.map((gap, at) => gap + text.slice(at, at + 1)).join('')
const zeros = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10, 0x1d7ce]
const country = fc.option(fc.constantFrom(...getCountries()), { nil: undefined })
const runs = { numRuns: 10_000 }

describe('T-PHN-02', () => {
  test('what comes out is E.164, and goes in again unchanged', () => {
    let accepted = 0
    const check = (input: string, defaultCountry: string | undefined) => {
      const first = parsePhoneNumber(input, { defaultCountry, numberTypes: everyType })
      if (!first.ok) return
      accepted++
      expect(first.phone).toMatch(/^\+[1-9]\d{6,14}$/)
      expect(parsePhoneNumber(first.phone, { numberTypes: everyType })).toEqual(first)
      expect(parsePhoneNumber(first.phone, { defaultCountry: 'US', numberTypes: everyType })).toEqual(first)
    }
    fc.assert(fc.property(anything, country, check), runs)
    expect(accepted).toBeGreaterThan(1000)
  })

  test('separators never change the outcome', () => {
    const check = (text: string, between: readonly string[], defaultCountry: string | undefined) => {
      const rules = { defaultCountry, numberTypes: everyType }
      expect(parsePhoneNumber(weave(text, between), rules)).toEqual(parsePhoneNumber(text, rules))
    }
    fc.assert(fc.property(dialled, gaps, country, check), runs)
  })

  test('the script of the digits never changes the outcome', () => {
    const check = (text: string, scripts: readonly number[], defaultCountry: string | undefined) => {
      const rules = { defaultCountry, numberTypes: everyType }
      const written = text.replace(/\d/g, (character, at: number) => String.fromCodePoint((scripts[at] as number) + Number(character)))
      expect(parsePhoneNumber(written, rules)).toEqual(parsePhoneNumber(text, rules))
    }
    const scripts = fc.array(fc.constantFrom(...zeros), { minLength: 20, maxLength: 20 })
    fc.assert(fc.property(dialled, scripts, country, check), runs)
  })

  test('a line written nationally, internationally or with an exit prefix is that line or no number', () => {
    let national = 0
    const check = (text: string) => {
      const parsed = parsePhoneNumber(text, { numberTypes: everyType })
      if (!parsed.ok || parsed.country === undefined) return
      const rules = { defaultCountry: parsed.country, numberTypes: everyType }
      const formatted = parsePhoneNumberFromString(parsed.phone)
      const written = formatted?.formatNational() as string
      if (read(written, rules) === parsed.phone) national++
      for (const spelling of [written, formatted?.formatInternational(), `00${parsed.phone.slice(1)}`]) {
        expect([parsed.phone, 'invalid_phone_number'], spelling).toContain(read(spelling, rules))
      }
    }
    fc.assert(fc.property(international, check), runs)
    expect(national).toBeGreaterThan(1000)
  })

  test('(0) is left out or part of the number, and nothing else changes', () => {
    const check = (text: string) => {
      const parsed = parsePhoneNumber(text, { numberTypes: everyType })
      if (!parsed.ok) return
      const subscriber = parsed.phone.slice(parsed.callingCode.length)
      const outcomes = [parsed.phone, `${parsed.callingCode}0${subscriber}`, 'invalid_phone_number']
      expect(outcomes).toContain(read(`${parsed.callingCode} (0)${subscriber}`, { numberTypes: everyType }))
    }
    fc.assert(fc.property(international, check), runs)
  })
})

describe('T-PHN-03', () => {
  test('a stored number stays a key when the metadata no longer knows it', () => {
    const retired = '+22997123456' as PhoneNumber
    expect(read(retired)).toBe('invalid_phone_number')
    expect(numberPrefix(retired)).toBe('+2299712')
  })

  test('recorded numbers are still their own canonical form, whatever the default country', () => {
    const defaults = ['US', 'GB', 'IT', 'RU', 'BR', undefined]
    for (const [canonical] of canonicalTable) {
      expect(defaults.map((defaultCountry) => read(canonical, { defaultCountry, numberTypes: everyType }))).toEqual(
        defaults.map(() => canonical),
      )
    }
  })

  describe('under other metadata', () => {
    const line = { country: 'GB', countryCallingCode: '44', getType: (): string | undefined => 'MOBILE', isValid: () => true }
    const withMetadata = async (numbers: Readonly<Record<string, Partial<typeof line> & { readonly number: string }>>) => {
      vi.resetModules()
      vi.doMock('libphonenumber-js/max', () => ({
        getCountries,
        parsePhoneNumberFromString: (text: string) => numbers[text] && { ...line, ...numbers[text] },
      }))
      return (await import('../../src/domain/phone-number.js')).parsePhoneNumber
    }
    afterEach(() => vi.doUnmock('libphonenumber-js/max'))

    test('a number whose canonical form would be read as another one is refused', async () => {
      const parse = await withMetadata({
        '+4407911123456': { number: '+447911123456' },
        '+447911123456': { number: '+44911123456' },
        '+44911123456': { number: '+44911123456' },
      })
      expect(parse('+44 (0)7911 123456')).toEqual({ ok: false, reason: 'invalid_phone_number' })
      expect(parse('+44 911 123456')).toMatchObject({ ok: true, phone: '+44911123456' })
    })

    test('a valid number of a type that is not known is refused for its type', async () => {
      const getType = () => undefined
      const parse = await withMetadata({
        '+447911123456': { number: '+447911123456', getType },
        '+447911123457': { number: '+447911123457', getType, isValid: () => false },
      })
      expect(parse('+447911123456')).toEqual({ ok: false, reason: 'number_type_not_allowed' })
      expect(parse('+447911123456', { numberTypes: [undefined] as unknown as NumberType[] })).toMatchObject({
        reason: 'number_type_not_allowed',
      })
      expect(parse('+447911123457')).toEqual({ ok: false, reason: 'invalid_phone_number' })
    })
  })
})

describe('the same phone', () => {
  const phone = '+447911123456' as PhoneNumber
  test.each(['+447911123456', '+44 (0)7911 123456', '07911 123456', '7911123456', '00 44 7911 123456', '＋４４７９１１１２３４５６'])(
    '%j is',
    (input) => {
      expect(isSamePhone(input, phone)).toBe(true)
    },
  )
  test.each([
    '+447911123457',
    '07911 123457',
    '+447911123456 ext 1',
    '911123456',
    '',
    `+447911123456${' '.repeat(52)}`,
    null,
    [phone],
    Object(phone),
  ])('%j is not', (input) => expect(isSamePhone(input, phone)).toBe(false))
  test('a reserved number, which is invalid, is itself', () => {
    const reserved = '+15551234567' as PhoneNumber
    expect([isSamePhone('+1 555 123 4567', reserved), isSamePhone('+1 555 123 4568', reserved)]).toEqual([true, false])
  })
})

describe('any number', () => {
  test('is one of any country and any type', () => {
    for (const phone of ['+14155552671', '+19002345678', '+881612345678', '+390612345678']) expect(anyNumber(phone)).toBe(phone)
    expect(anyNumber('06 12 34 56 78', 'FR')).toBe('+33612345678')
  })
  test('is nothing where there is none', () => {
    for (const input of ['06 12 34 56 78', '+15551234567', '+14155552671 ext 1', null, 0, {}]) expect(anyNumber(input)).toBe(undefined)
  })
})

describe('names', () => {
  test('a country is an upper-case alpha-2 code', () => {
    for (const name of ['US', 'GB', 'GG', 'KZ', 'BQ', 'CI']) expect(isCountry(name)).toBe(true)
    for (const name of ['us', 'USA', 'UK', 'EN', 'XX', '001', '+1', '*', ' US', 'toString']) expect(isCountry(name)).toBe(false)
  })

  test('a calling code is written with its plus', () => {
    for (const country of getCountries()) expect(isCallingCode(`+${getCountryCallingCode(country)}`)).toBe(true)
    for (const code of ['+800', '+808', '+870', '+878', '+881', '+882', '+883', '+888', '+979']) expect(isCallingCode(code)).toBe(true)
    for (const code of [
      '44',
      '+',
      '+0',
      '+4',
      '+441',
      '+1415',
      '+999',
      '+210',
      '+44 ',
      '+44\n',
      '＋44',
      '+٤٤',
      '0044',
      'GB',
      '*',
      '+undefined',
    ]) {
      expect(isCallingCode(code), code).toBe(false)
    }
  })

  test('a number type is one of libphonenumber, or NON_GEOGRAPHIC', () => {
    for (const type of everyType) expect(isNumberType(type)).toBe(true)
    for (const type of ['mobile', 'LANDLINE', '', '*', '__proto__', 'toString', 'hasOwnProperty']) expect(isNumberType(type)).toBe(false)
  })

  test('the default types cannot be changed', () => {
    expect(defaultNumberTypes).toEqual(['MOBILE', 'FIXED_LINE_OR_MOBILE', 'VOIP'])
    expect(() => (defaultNumberTypes as NumberType[]).push('PREMIUM_RATE')).toThrow(TypeError)
  })

  test('a prefix is all but the last four digits', () => {
    expect(numberPrefix('+14155552671' as PhoneNumber)).toBe('+1415555')
    expect(numberPrefix('+447911123456' as PhoneNumber)).toBe('+44791112')
  })
})

import { describe, expect, test } from 'vitest'
import { inline, isVariableName, parseTemplate, problemsOfTemplate } from '../../src/sms/template.js'

const rules = { known: new Set(['app', 'minutes']), code: 'required' } as const

describe('parseTemplate', () => {
  test('puts values in, wherever they stand', () => {
    const template = parseTemplate('{{code}} is your {{app}} code.\n{{code}}{{minutes}}')
    expect(template.names).toEqual(['code', 'app', 'minutes'])
    expect(template.render({ code: '482913', app: 'Acme', minutes: 5 })).toBe('482913 is your Acme code.\n4829135')
  })

  test.each(['{{code}}', '{code}', `\${code}`, '{{constructor}}', '{{{{code}}}}', '%s', '$&', '$1', '$t(code)', '%d {0}', '{{- code}}'])(
    'a value that says %s stays literal',
    (app) => {
      expect(parseTemplate('{{app}}: {{code}}').render({ app, code: '482913' })).toBe(`${app}: 482913`)
    },
  )

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('%s is no value of anybody', (name) => {
    expect(parseTemplate(`a{{${name}}}b`).render({ code: '482913' })).toBe('ab')
  })

  test('two values do not come together to a place', () => {
    expect(parseTemplate('{{a}}{{b}}').render({ a: '{{', b: 'code}}', code: '482913' })).toBe('{{code}}')
  })
})

describe('inline', () => {
  test.each([
    ['a line feed', 'Acme\n@evil.com #111111', 'Acme @evil.com #111111'],
    ['CRLF', 'Acme\r\nShop', 'Acme Shop'],
    ['a carriage return', 'Acme\rShop', 'Acme Shop'],
    ['line and paragraph separators', 'a\u2028b\u2029c', 'a b c'],
    ['next line, vertical tab, form feed', 'a\u0085b\vc\fd', 'a b c d'],
    ['tab, NUL, escape, delete', 'a\tb\0c\u001b[1md\u007fe', 'a b c [1md e'],
  ])('%s', (_, value, shown) => {
    expect(inline(value)).toBe(shown)
    expect(parseTemplate('{{app}}').render({ app: value })).toBe(shown)
  })

  test.each(['Zoë', 'رمز', '👩‍👩‍👧', 'a  b', '€ {x}'])('leaves %s alone', (value) => {
    expect(inline(value)).toBe(value)
  })
})

describe('problemsOfTemplate', () => {
  test.each(['{{code}} {{app}} {{minutes}}', 'a {b} } { c {{code}}', '{{code}}\n\nsecond line'])('none in %j', (text) => {
    expect(problemsOfTemplate(text, rules)).toEqual([])
  })

  const braces = 'has braces that are not {{name}}'

  test.each([
    '{{ code }}',
    '{{code }}',
    '{{app.name}}',
    '{{app[0]}}',
    '{{code|upper}}',
    '{{- code}}',
    '{{code()}}',
    '{{1}}',
    '{{}}',
    '{{code',
    'code}}',
    '{{{app}}}',
    '{{app}}}',
    '{{{app}}',
    '{{a\nb}}',
    '{{cöde}}',
    `{{${'a'.repeat(65)}}}`,
  ])('%j beside the code is malformed', (text) => {
    expect(problemsOfTemplate(`{{code}} ${text}`, rules)).toContain(braces)
  })

  test.each([undefined, null, '', '  \n', 5, ['{{code}}'], {}])('%j is no text', (text) => {
    expect(problemsOfTemplate(text, rules)).toEqual(['must be a text that is not empty'])
  })

  test('all at once', () => {
    expect(problemsOfTemplate('{{ap}} {{app}} {{ minutes }} {{constructor}}', rules)).toEqual([
      braces,
      'knows no {{ap}}: declare it in variables',
      'knows no {{constructor}}: declare it in variables',
      'must hold {{code}}',
    ])
  })

  test('a notice holds no code', () => {
    const notice = { ...rules, code: 'forbidden' } as const
    expect(problemsOfTemplate('{{app}}', notice)).toEqual([])
    expect(problemsOfTemplate('{{app}} {{code}}', notice)).toEqual(['must not hold {{code}}: a notice has none'])
  })
})

test.each([
  ['amount', true],
  ['_a1', true],
  ['a.b', false],
  ['1a', false],
  ['', false],
  ['a b', false],
  [undefined, false],
  ['a'.repeat(65), false],
])('%j as a name: %j', (name, expected) => {
  expect(isVariableName(name)).toBe(expected)
})

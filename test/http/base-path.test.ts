import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isBasePath } from '../../src/http/base-path.js'

test.each(['', '/phone', '/api/v1.2/phone', '/~user/phone_verify', '/...', '/.well-known', '/a..b', '/-', `/${'a'.repeat(1_000)}`])(
  '%j is one',
  (path) => {
    expect(isBasePath(path)).toBe(true)
  },
)

test.each<readonly [what: string, values: readonly unknown[]]>([
  ['no path', [undefined, null, 7, true, {}, ['/phone'], new String('/phone'), new URL('https://example.com/phone')]],
  ['not from the root', ['phone', 'phone/', './phone', '../phone', 'https://example.com/phone', '//example.com']],
  ['an empty segment', ['/', '//', '/phone/', '//phone', '/a//b']],
  ['a segment that a URL takes away', ['/.', '/..', '/a/./b', '/a/../b', '/a/..']],
  ['what a router reads', ['/:id', '/*', '/a?', '/a+', '/(a)', '/{a}', '/[a]', '/a|b', '/^a', '/a$', '/a!', '/a;b', '/a,b', '/a=b']],
  ['what a URL reads', ['/a?b', '/a#b', '/a\\b', '/%2f', '/a%20b', '/a@b']],
  ['white space', [' /phone', '/phone ', '/a b', '/a\tb', '/phone\n', '\n/phone', '/a\u00a0b']],
  ['beyond ASCII', ['/téléphone', '/电话', '/\ud800', '/a\0b']],
])('none: %s', (_, values) => {
  for (const value of values) expect([value, isBasePath(value)]).toEqual([value, false])
})

test('a URL keeps one as it is, and reads nothing else from it', () => {
  const letters = fc.constantFrom(...'aZ09_.~-/%:*?#\\ é\n;@')
  const paths = fc.string({ unit: letters, maxLength: 12 }).map((text) => `/${text}`)
  const seen = { kept: 0 }
  fc.assert(
    fc.property(paths, (path) => {
      if (!isBasePath(path)) return
      seen.kept += 1
      const { host, pathname, search, hash } = new URL(`https://example.com${path}/send`)
      expect([host, pathname, search, hash]).toEqual(['example.com', `${path}/send`, '', ''])
    }),
    { numRuns: 5_000 },
  )
  expect(seen.kept).toBeGreaterThan(100)
})

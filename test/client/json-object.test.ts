import fc from 'fast-check'
import { expect, test } from 'vitest'
import { objectOf } from '../../src/client/json-object.js'

test('any object comes back as it was written', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const text = JSON.stringify(object)
      expect(JSON.stringify(objectOf(text))).toBe(text)
    }),
  )
})

test('whatever the text, it throws nothing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: fc.constantFrom(...'{}[]":,\\ \n\0é😀-01eEnul') }), fc.json()), (text) => {
      expect(['object', 'undefined']).toContain(typeof objectOf(text))
    }),
  )
})

test.each(['', ' ', 'null', 'true', '0', '"text"', '{', '{"a":1', "{'a':1}", '<h1>Bad Gateway</h1>', 'undefined'])('%j is none', (text) => {
  expect(objectOf(text)).toBeUndefined()
})

test('a prototype in the text is a field like any other', () => {
  const object = objectOf('{"__proto__":{"code":"expired"}}')
  expect([object?.['code'], Object.hasOwn(object ?? {}, '__proto__')]).toEqual([undefined, true])
})

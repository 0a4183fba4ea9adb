import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cleanToken } from '../../examples/password-reset/clean-token.js'

const invisible = ['\u2060', '\u200b', '\u200c', '\u200d', '\ufeff', ' ', '\t', '\n', '\r']
const token = fc.stringMatching(/^[\w.-]{0,60}$/)
const noise = fc.array(fc.constantFrom(...invisible), { maxLength: 8 }).map((characters) => characters.join(''))

test.each(invisible)('%j is removed, wherever it stands', (character) => {
  expect(cleanToken(`${character}ab${character}${character}c-1${character}`)).toBe('abc-1')
})

test('a token is what it was, whatever was pasted into it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(token, noise)), (parts) => {
      expect(cleanToken(parts.flat().join(''))).toBe(parts.map(([part]) => part).join(''))
    }),
  )
})

test('of any text nothing else is removed, and nothing is left to remove', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), noise, (text, more) => {
      const cleaned = cleanToken(more + text)
      expect(cleaned).toBe(invisible.reduce((left, character) => left.replaceAll(character, ''), text))
      expect(cleanToken(cleaned)).toBe(cleaned)
    }),
  )
})

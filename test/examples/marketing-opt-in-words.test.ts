import { describe, expect, test } from 'vitest'
import { meaningOf } from '../../examples/marketing-opt-in/meaning.js'
import { words } from '../../examples/marketing-opt-in/words.js'

const spellings = (word: string) => [
  word,
  word.toUpperCase(),
  ` ${word}. `,
  `"${word}"!!`,
  [...word].join('.'),
  [...word].join(' '),
  `${word}\u00a0\n👍`,
]

describe.each(Object.entries(words))('keywords: %s', (language, table) => {
  test.each(Object.entries(table))('%s, in any case, with any spaces and signs', (meaning, list) => {
    for (const word of list)
      for (const text of spellings(word))
        expect(meaningOf(text), text).toEqual({ meaning, by: 'keyword', locale: language === 'en' ? null : language })
  })
})

test('no word means two things', () => {
  const all = Object.values(words).flatMap((table) => Object.values(table).flat())
  expect(all.filter((word, at) => all.indexOf(word) !== at)).toEqual([])
  // Words are compared without accents and signs: one that had some would never be found.
  expect(all.filter((word) => !/^[a-z]+$/.test(word))).toEqual([])
})

test.each(['Arrêt', 'ARRÊTER', 'Désabonner', 'Kündigen', 'ｓｔｏｐ', 'Información'])('accents and wide letters: %s', (text) => {
  expect(meaningOf(text)?.by).toBe('keyword')
})

test.each([
  ...[
    'please stop texting me',
    'STOP sending me messages',
    'Can you please stop texting me?',
    "don't text me anymore",
    'Do not contact me again',
  ],
  ...[
    'take me off your list',
    'leave me alone',
    'unsubscribe me please',
    'remove my number',
    'no more messages',
    'I want to opt out',
    'stop this spam',
  ],
  ...['Arrêtez de m’envoyer des SMS', 'je ne veux plus recevoir vos messages', 'stop aux pubs', 'plus de SMS svp', 'désabonnez-moi'],
  ...['no me envíen más mensajes', 'dejen de escribirme', 'Bitte keine Werbung mehr', 'nicht mehr schreiben'],
])('plainly meant: %s', (text) => {
  expect(meaningOf(text)).toEqual({ meaning: 'stop', by: 'words', locale: null })
})

test.each([
  ...[
    "don't stop texting me!",
    'I never got your message',
    'je n’ai pas reçu le SMS',
    'when does the sale end?',
    'is this the bus stop',
    'thanks',
    '',
  ],
  ...['yes', 'oui', 'ok', '123456', '👍', 'helpful offers, start again on friday', 'Endspiel', 'stopwatch'],
])('for people to read: %s', (text) => {
  expect(meaningOf(text)).toBeUndefined()
})

test('the longest texts are read in no time', () => {
  const hard = ['don t ', 'ne pas ', 'stop ', 'a', ' ', '\u0301', 'never never '].map((part) => part.repeat(200_000))
  const startedAt = performance.now()
  for (const text of hard) meaningOf(text)
  expect(performance.now() - startedAt).toBeLessThan(500)
})

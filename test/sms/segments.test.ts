import calculator from 'sms-segments-calculator'
import { describe, expect, test } from 'vitest'
import { countSegments, type Segments, splitSegments } from '../../src/sms/segments.js'

const { SegmentedMessage } = calculator

/** A generator of our own, so that a failure comes back with the same seed. */
const seeded = (seed: number) => {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const basic = 'abc XYZ 019@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!"#¤%&()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà\n'
const extension = '^{}\\[~]|€\f'
/** Each is one grapheme: the calculator keeps graphemes whole, where networks cut within them. */
const beyond = ['ç', 'ё', 'Ж', '確', '認', '’', '“', '😀', '🎉', '𝒳', 'ł', '`', '\t', '\u00a0']

const alphabets = [[...basic], [...basic, ...extension], [...extension], [...basic, ...extension, ...beyond], beyond]

const agrees = (text: string, ours: Segments, theirs: InstanceType<typeof SegmentedMessage>): boolean =>
  ours.encoding === theirs.encodingName &&
  ours.segments === theirs.segmentsCount &&
  ours.units === theirs.messageSize / (ours.encoding === 'GSM-7' ? 7 : 16) &&
  (ours.problems ?? []).join() === (ours.encoding === 'GSM-7' ? '' : [...new Set(theirs.getNonGsmCharacters())].join()) &&
  (ours.encoding === 'GSM-7') === [...text].every((character) => !beyond.includes(character))

describe('against another implementation', () => {
  test('20 000 random texts', () => {
    const random = seeded(20_261_120)
    const seen = { 'GSM-7': 0, 'UCS-2': 0 }
    const wrong: unknown[] = []
    let several = 0
    for (let round = 0; round < 20_000; round += 1) {
      const alphabet = alphabets[random(alphabets.length)] as readonly string[]
      // One in eight ends near a border. The rest are short, for the calculator takes its time over long ones.
      const borders = [70, 134, 160, 201, 306]
      const length = random(8) > 0 ? random(40) : (borders[random(borders.length)] as number) - 3 + random(7)
      const text = Array.from({ length }, () => alphabet[random(alphabet.length)]).join('')
      const ours = countSegments(text)
      if (!agrees(text, ours, new SegmentedMessage(text)) || splitSegments(text).join('') !== text) wrong.push({ text, ours })
      seen[ours.encoding] += 1
      if (ours.segments > 1) several += 1
    }
    expect(wrong).toEqual([])
    // The comparison says nothing about a case that never came up.
    expect(Math.min(seen['GSM-7'], seen['UCS-2'], several)).toBeGreaterThan(1_000)
  }, 60_000)

  test('every character of the first plane that is one grapheme', () => {
    const different: string[] = []
    for (let point = 0; point < 0xd800; point += 1) {
      const text = String.fromCodePoint(point)
      if (countSegments(text).encoding !== new SegmentedMessage(text).encodingName) different.push(point.toString(16))
    }
    expect(different).toEqual([])
  })
})

describe('borders', () => {
  test.each([
    ['nothing', '', 'GSM-7', 1, 0, 160],
    ['a full SMS', 'a'.repeat(160), 'GSM-7', 1, 160, 160],
    ['one more', 'a'.repeat(161), 'GSM-7', 2, 161, 153],
    ['two full parts', 'a'.repeat(306), 'GSM-7', 2, 306, 153],
    ['a third part', 'a'.repeat(307), 'GSM-7', 3, 307, 153],
    ['an extension character takes two', '€'.repeat(80), 'GSM-7', 1, 160, 160],
    ['and is not cut', `${'a'.repeat(152)}€${'a'.repeat(151)}`, 'GSM-7', 2, 305, 153],
    ['which may cost a part', `${'a'.repeat(152)}€${'a'.repeat(152)}`, 'GSM-7', 3, 306, 153],
    ['a full SMS of UCS-2', 'ж'.repeat(70), 'UCS-2', 1, 70, 70],
    ['one more of UCS-2', 'ж'.repeat(71), 'UCS-2', 2, 71, 67],
    ['a pair takes two', '😀'.repeat(35), 'UCS-2', 1, 70, 70],
    ['and is not cut: 33 to a part', '😀'.repeat(67), 'UCS-2', 3, 134, 67],
    ['a lone surrogate', '\ud83d', 'UCS-2', 1, 1, 70],
    ['CRLF is two characters of GSM-7', 'a\r\nb', 'GSM-7', 1, 4, 160],
  ])('%s', (_, text, encoding, segments, units, perSegment) => {
    expect(countSegments(text)).toMatchObject({ encoding, segments, units, perSegment })
  })

  test('the characters that GSM-7 lacks, each once', () => {
    expect(countSegments('Votre code ’ ç ’ 😀').problems).toEqual(['’', 'ç', '😀'])
    expect(countSegments('Your code')).not.toHaveProperty('problems')
  })

  test('the parts themselves', () => {
    expect(splitSegments('')).toEqual([''])
    expect(splitSegments('a'.repeat(160))).toEqual(['a'.repeat(160)])
    expect(splitSegments(`${'a'.repeat(152)}€${'b'.repeat(10)}`)).toEqual(['a'.repeat(152), `€${'b'.repeat(10)}`])
    expect(splitSegments(`${'ж'.repeat(66)}😀${'ж'.repeat(10)}`)).toEqual(['ж'.repeat(66), `😀${'ж'.repeat(10)}`])
  })
})

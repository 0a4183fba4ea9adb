/** What a text costs on the air. */
export interface Segments {
  readonly encoding: 'GSM-7' | 'UCS-2'
  /** How many SMS it takes; each is paid for. An empty text is one. */
  readonly segments: number
  /** Septets of GSM-7, where a character of the extension table takes two; UTF-16 code units of UCS-2. */
  readonly units: number
  /** How many units one segment of this text holds: fewer when there are several, for each then carries its number. */
  readonly perSegment: number
  /** The characters that GSM-7 lacks, each once, in order: one of them turns 160 characters into 70. */
  readonly problems?: readonly string[]
}

/** 3GPP TS 23.038 §6.2.1, the default alphabet. The escape at 0x1b is no character. */
const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'

/** §6.2.1.1, the extension table: an escape and a character. */
const extension = '\f^{}\\[~]|€'

const septets: ReadonlyMap<string, number> = new Map([
  ...Array.from(basic, (character) => [character, 1] as const),
  ...Array.from(extension, (character) => [character, 2] as const),
])

/**
 * Counts the segments of an SMS as networks cut them: a character of the extension table or a surrogate pair stays whole, so a segment
 * may end with a unit unused.
 *
 * @example
 * ```ts
 * import { countSegments } from 'phone-verify/sms/segments'
 *
 * export const isCheap = (text: string) => countSegments(text).segments === 1
 * ```
 */
export function countSegments(text: string): Segments {
  const { encoding, units, perSegment, parts, lacking } = cut(text)
  return { encoding, segments: parts.length, units, perSegment, ...(lacking.length > 0 && { problems: lacking }) }
}

/** The text as it is cut, one part for each segment. */
export const splitSegments = (text: string): readonly string[] => cut(text).parts

function cut(text: string) {
  const characters = Array.from(text)
  const lacking = [...new Set(characters.filter((character) => !septets.has(character)))]
  const encoding: Segments['encoding'] = lacking.length > 0 ? 'UCS-2' : 'GSM-7'
  const sizeOf = (character: string): number => (encoding === 'GSM-7' && septets.get(character)) || character.length
  const units = characters.reduce((sum, character) => sum + sizeOf(character), 0)
  // Alone, or one of several that each begin with a header of six bytes.
  const [alone, oneOfSeveral] = encoding === 'GSM-7' ? [160, 153] : [70, 67]
  if (units <= alone) return { encoding, units, lacking, perSegment: alone, parts: [text] }
  const parts = ['']
  let used = 0
  for (const character of characters) {
    const size = sizeOf(character)
    if (used + size > oneOfSeveral) {
      parts.push('')
      used = 0
    }
    parts[parts.length - 1] += character
    used += size
  }
  return { encoding, units, lacking, perSegment: oneOfSeveral, parts }
}

import { type Meaning, sentencesThatDoNot, sentencesThatStop, words } from './words.js'

/** What a text means, and in which language it said so; nothing where a person must read it. */
export interface Understood {
  readonly meaning: Meaning
  readonly by: 'keyword' | 'words'
  readonly locale: string | null
}

const keywords: ReadonlyMap<string, Understood> = new Map(
  Object.entries(words).flatMap(([language, table]) =>
    (['stop', 'start', 'help'] as const).flatMap((meaning) =>
      // English words are everybody's: they tell no language.
      table[meaning].map((word) => [word, { meaning, by: 'keyword', locale: language === 'en' ? null : language }] as const),
    ),
  ),
)

/** Reads a text in linear time: an SMS of many segments has 1 600 characters, and no more are looked at. */
export function meaningOf(text: string): Understood | undefined {
  const plain = text.slice(0, 1_600).normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const keyword = keywords.get(plain.replace(/[^\p{L}]/gu, ''))
  if (keyword !== undefined) return keyword
  const sentence = plain.replace(/[^\p{L}\p{N}]+/gu, ' ')
  const isStop =
    sentencesThatStop.some((pattern) => pattern.test(sentence)) && !sentencesThatDoNot.some((pattern) => pattern.test(sentence))
  return isStop ? { meaning: 'stop', by: 'words', locale: null } : undefined
}

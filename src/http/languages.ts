import { canonicalTag, createLookUp, languageRanges } from '../domain/language.js'

/** The languages that `localized` has texts in. */
export const written =
  'am ar bg bn ca cs da de el en es et fa fi fil fr he hi hr hu id it ja ko lt lv mr ms nb nl pl pt pt-PT ro ru sk sl sr sv sw ta te th tr uk ur vi zh-Hans zh-Hant'

export interface Languages {
  /** What a visitor reads, the most wanted first: what the body says, what the server says, then `Accept-Language` (RFC 9110 §12.5.4). */
  wanted(body: unknown, server: string | undefined, header: string | undefined): readonly string[]
  /** The first of these that there are texts in, else the first of all. */
  offered(wanted: readonly string[]): string | undefined
}

export function createLanguages(available: readonly string[] = written.split(' ')): Languages {
  const lookUp = createLookUp(available)
  return {
    wanted: (body, server, header) => [...[body, server].flatMap((tag) => canonicalTag(tag) ?? []), ...languageRanges(header)],
    offered: (wanted) => wanted.find((range) => lookUp(range).length > 0) ?? wanted[0],
  }
}

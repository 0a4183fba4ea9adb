import { canonicalTag, createLookUp, languageRanges } from '../domain/language.js'

/** The languages that `localized` has texts in. */
export const written =
  'am ar bg bn ca cs da de el en es et fa fi fil fr he hi hr hu id it ja ko lt lv mr ms nb nl pl pt pt-PT ro ru sk sl sr sv sw ta te th tr uk ur vi zh-Hans zh-Hant'

const none: readonly string[] = []

/** How many headers are remembered, and how long one may be: visitors choose them, so there must be an end. */
const [mostHeaders, longestHeader] = [500, 200]

export interface Languages {
  /** What a visitor reads, the most wanted first: what the body says, what the server says, then `Accept-Language` (RFC 9110 §12.5.4). */
  wanted(body: unknown, server: string | undefined, header: string | undefined): readonly string[]
  /** The first of these that there are texts in, else the first of all. */
  offered(wanted: readonly string[]): string | undefined
}

export function createLanguages(available: readonly string[] = written.split(' ')): Languages {
  const lookUp = createLookUp(available)
  const headers = new Map<string, readonly string[]>()
  /** Most visitors send one of a few headers. */
  const rangesOf = (header: string | undefined): readonly string[] => {
    const known = header === undefined ? none : headers.get(header)
    if (known !== undefined) return known
    const ranges = languageRanges(header)
    if (headers.size >= mostHeaders) headers.clear()
    if (header !== undefined && header.length <= longestHeader) headers.set(header, ranges)
    return ranges
  }
  return {
    wanted: (body, server, header) => [...[body, server].flatMap((tag) => canonicalTag(tag) ?? []), ...rangesOf(header)],
    offered: (wanted) => wanted.find((range) => lookUp(range).length > 0) ?? wanted[0],
  }
}

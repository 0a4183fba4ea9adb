/** How many ranges of a header are looked at: what a browser sends has fewer than ten. */
const mostRanges = 10

/** How many answers are remembered. Visitors choose what is asked, so there must be an end. */
const mostAnswers = 500

/** A tag in its canonical form (RFC 5646), or undefined for what is none: `en_us`, `__proto__`, a path. */
export function canonicalTag(tag: unknown): string | undefined {
  try {
    return typeof tag === 'string' && tag.length <= 35 ? Intl.getCanonicalLocales(tag)[0] : undefined
  } catch {
    return undefined
  }
}

/** Language and script, where the tag itself need not say the script: `zh-TW` is `zh-Hant`. */
function scriptOf(tag: string): string {
  const { language, script } = new Intl.Locale(tag).maximize()
  return `${language}-${script}`
}

/** Where cutting off the region takes too much (CLDR's parent locales): Angola writes as Portugal does, not as Brazil. */
const parents: Readonly<Record<string, readonly [parent: string, regions: string]>> = {
  pt: ['pt-PT', 'AO CH CV GQ GW LU MO MZ ST TL'],
  es: ['es-419', 'AR BO BR BZ CL CO CR CU DO EC GT HN MX NI PA PE PR PY SV US UY VE'],
  // Norwegian is asked for by its macrolanguage, and written as Bokmål.
  no: ['nb', 'NO'],
  nn: ['nb', 'NO'],
}

function parentOf(tag: string): string | undefined {
  const { language, region = '' } = new Intl.Locale(tag).maximize()
  const [parent, regions] = Object.hasOwn(parents, language) ? (parents[language] ?? []) : []
  return regions?.split(' ').includes(region) ? parent : undefined
}

/** A tag, cut off from its end step by step. */
function shortened(tag: string): readonly string[] {
  const subtags = tag.split('-')
  return subtags.map((_, index) => subtags.slice(0, subtags.length - index).join('-'))
}

/** The tags that a range may find, the closest first. */
function candidatesOf(tag: string, parent: string | undefined): readonly string[] {
  const { language, baseName } = new Intl.Locale(tag).maximize()
  const all = [...shortened(tag), ...shortened(baseName)]
  if (parent === undefined) return all
  // The parent stands before the bare language, where it is a variety of it.
  const at = parent.startsWith(`${language}-`) ? all.indexOf(language) : all.length
  return [...all.slice(0, at), parent, ...all.slice(at)]
}

/** Finds texts for a language range: tags of those available, the closest first, or none. */
export type LookUp = (range: unknown) => readonly string[]

/**
 * The lookup of RFC 4647 §3.4: a range is cut off from its end until it is there. Beyond it, a range that finds nothing so finds its
 * language in another region. Never a tag of another script: who reads Traditional Chinese is not given Simplified.
 */
export function createLookUp(available: readonly string[]): LookUp {
  const given = new Map<string, string>()
  const scripts = new Map<string, string>()
  for (const tag of available) {
    const canonical = canonicalTag(tag)
    if (canonical === undefined || given.has(canonical)) continue
    given.set(canonical, tag)
    scripts.set(canonical, scriptOf(canonical))
  }

  const find = (tag: string): readonly string[] => {
    const parent = parentOf(tag)
    const readable = [tag, ...(parent === undefined ? [] : [parent])].map(scriptOf)
    const isReadable = (candidate: string) => readable.includes(scripts.get(candidate) ?? '')
    const found = candidatesOf(tag, parent).filter(isReadable)
    const elsewhere = found.length > 0 ? [] : [...scripts.keys()].filter(isReadable).slice(0, 1)
    return [...new Set([...found, ...elsewhere])].map((candidate) => given.get(candidate) as string)
  }

  const answers = new Map<string, readonly string[]>()
  return (range) => {
    const known = answers.get(range as string)
    if (known !== undefined) return known
    const tag = canonicalTag(range)
    if (tag === undefined) return []
    const answer = find(tag)
    if (answers.size >= mostAnswers) answers.clear()
    answers.set(range as string, answer)
    return answer
  }
}

/** The ranges of an `Accept-Language` header, the most wanted first (RFC 9110 §12.5.4). What is refused (`q=0`), `*` and nonsense are left out. */
export function languageRanges(header: unknown): readonly string[] {
  if (typeof header !== 'string') return []
  return header
    .slice(0, 1_000)
    .split(',', mostRanges)
    .map((part) => {
      const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim())
      const weight = parameters.find((parameter) => /^q=/i.test(parameter))?.slice(2) ?? '1'
      return { range, weight: /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : 0 }
    })
    .filter(({ range, weight }) => weight > 0 && canonicalTag(range) !== undefined)
    .sort((a, b) => b.weight - a.weight)
    .map(({ range }) => range)
}

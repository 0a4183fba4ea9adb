type Problem = { readonly field: string; readonly message: string }

export type JsonObject = { readonly fields: Readonly<Record<string, unknown>> } | { readonly error: Problem }

const utf8 = new TextDecoder('utf-8', { fatal: true })

const wrong = (message: string, field = 'body'): JsonObject => ({ error: { field, message } })

/** UTF-8 (RFC 8259 §8.1) that holds one JSON object, in which no name comes twice (RFC 7493 §2.3): readers disagree on which one counts. */
export function readJsonObject(bytes: Uint8Array): JsonObject {
  let text: string
  let value: unknown
  try {
    text = utf8.decode(bytes)
    value = JSON.parse(text)
  } catch {
    return wrong('must be JSON in UTF-8')
  }
  const repeated = isPlainlyUnique(text, value) ? undefined : repeatedName(text)
  return repeated === undefined
    ? asJsonObject(value)
    : wrong('must not come twice', /^[A-Za-z]\w{0,31}$/.test(repeated) ? repeated : 'body')
}

/** What a host has parsed already. */
export function asJsonObject(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong('must be a JSON object')
  // Own fields alone: neither `__proto__` nor a polluted prototype says anything.
  return { fields: Object.assign(Object.create(null), Object.fromEntries(Object.entries(value))) }
}

/** Most bodies are flat. Where there are no more quotes than its names and texts need, no name was left behind by another. */
function isPlainlyUnique(text: string, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || text.includes('\\')) return false
  const members = Object.values(value)
  const quotes = 2 * (members.length + members.filter((member) => typeof member === 'string').length)
  return text.split('"', quotes + 2).length === quotes + 1
}

/** A name that comes twice in the outermost object of a text that is JSON. */
function repeatedName(text: string): string | undefined {
  const names = new Set<string>()
  let depth = 0
  let last = ''
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/gs)) {
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
    else if (token !== ':') last = token
    else if (depth === 1) {
      const name = String(JSON.parse(last))
      if (names.has(name)) return name
      names.add(name)
    }
  }
  return undefined
}

/** What stands before the five digits of every text. */
export const codePrefix = 'UF-CCF-PSW-'

/** What a person typed, without the prefix. Whether the rest can be a code is for the verifier to say. */
export function readCode(typed: string): string {
  const text = typed.trim()
  return text.toUpperCase().startsWith(codePrefix) ? text.slice(codePrefix.length) : text
}

// Word joiner, zero-width space, non-joiner and joiner, byte order mark; space, tab and line ends. One by one: a joiner is never part of a pair here.
const invisible = new Set(['\u2060', '\u200b', '\u200c', '\u200d', '\ufeff', ' ', '\t', '\n', '\r'])

/** A token or code without what copying and pasting may have added to it, and nobody sees. */
export const cleanToken = (pasted: string): string => [...pasted].filter((character) => !invisible.has(character)).join('')

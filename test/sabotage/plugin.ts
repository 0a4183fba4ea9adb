import type { Defect } from './defect.js'

/** The source with the defect in it. Throws where the snippet is gone: a refactoring must not disarm a defect without a word. */
export function apply({ name, file, find, replace }: Defect, source: string): string {
  const [before = '', after, ...more] = source.split(find)
  if (after === undefined || more.length > 0) {
    throw new Error(`"${name}": src/${file} holds its snippet ${after === undefined ? 'nowhere' : 'more than once'}: ${find}`)
  }
  return before + replace + after
}

/** Puts the defect into the source as it is loaded; the file itself stays as it is. */
export const sabotage = (defect: Defect, src: string) => ({
  name: 'sabotage',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    return id.split('?')[0] === src + defect.file ? apply(defect, code) : undefined
  },
})

import { readdirSync, readFileSync } from 'node:fs'
import { readTree } from './module.js'

/** A fenced block of code, and the line its first line stands on. */
export interface Block {
  readonly language: string
  readonly code: string
  readonly line: number
}

/** Every page of the project, by its path: those at the top and those under docs. */
export function readMarkdown(): ReadonlyMap<string, string> {
  const top = readdirSync('.').filter((name) => name.endsWith('.md'))
  const docs = [...readTree('docs', '.md')].map(([path, text]) => [`docs/${path}.md`, text] as const)
  return new Map([...top.map((name) => [name, readFileSync(name, 'utf8')] as const), ...docs])
}

/** The fenced blocks of a page (CommonMark §4.5), fences of three backticks at the beginning of a line. */
export function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = []
  let open: { readonly language: string; readonly line: number; readonly lines: string[] } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^```(\w*)\s*$/.exec(line)
    if (fence && open) {
      blocks.push({ language: open.language, code: `${open.lines.join('\n')}\n`, line: open.line })
      open = undefined
    } else if (fence) open = { language: fence[1] ?? '', line: index + 2, lines: [] }
    else open?.lines.push(line)
  }
  if (open) throw new Error(`a block that begins on line ${open.line} does not end`)
  return blocks
}

const withoutBlocks = (text: string) => text.replace(/^```[\s\S]*?^```\s*$/gm, '')

/** The headings of a page, as written. */
export const headingsOf = (text: string): readonly string[] =>
  [...withoutBlocks(text).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading]) => heading as string)

/** The anchors of a page, as GitHub makes them of its headings. */
export function anchorsOf(text: string): readonly string[] {
  const seen = new Map<string, number>()
  return headingsOf(text).map((heading) => {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const slug = words.replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '').replaceAll(' ', '-')
    const before = seen.get(slug) ?? 0
    seen.set(slug, before + 1)
    return before === 0 ? slug : `${slug}-${before}`
  })
}

/** The targets of a page's links and images, code aside. */
export const linksOf = (text: string): readonly string[] =>
  [
    ...withoutBlocks(text)
      .replace(/`[^`\n]*`/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].map(([, target]) => target as string)

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sample } from '../../examples/accounts/sample-account.js'
import { anchorsOf, linksOf } from '../package/markdown.js'

const read = (path: string) => readFileSync(path, 'utf8')
const filesIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.ts'))

describe.each(['examples', 'examples/service', 'examples/accounts'])('%s/README.md', (folder) => {
  const text = read(`${folder}/README.md`)

  test('links to what is there', () => {
    const links = linksOf(text).filter((target) => !/^https?:/.test(target))
    expect(links.length).toBeGreaterThan(0)
    for (const link of links) {
      const [path = '', anchor] = link.split('#')
      const target = posix.join(folder, path)
      expect(existsSync(target), link).toBe(true)
      if (anchor !== undefined) expect(anchorsOf(read(`${target}/README.md`)), link).toContain(anchor)
    }
  })
})

test.each(['service', 'accounts'])('the page of %s has a line for every file', (name) => {
  const linked = linksOf(read(`examples/${name}/README.md`)).filter((target) => target.endsWith('.ts'))
  expect(linked.sort()).toEqual(filesIn(`examples/${name}`).sort())
})

test('the first page names everything that runs', () => {
  const text = read('examples/README.md')
  const runs = readdirSync('examples', { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('main.ts'))
  for (const path of runs) {
    const name = posix.dirname(path)
    expect(text).toContain(name === 'terminal' ? '`npm run demo`' : `\`npm run example -- ${name}\``)
  }
  expect(linksOf(text).filter((target) => /^[\w-]+$/.test(target) && existsSync(`examples/${target}/main.ts`))).toHaveLength(
    runs.filter((path) => path.split('/').length === 2).length,
  )
})

test('every variable that is read is explained, and no other', () => {
  const [, body = ''] = /const environment = z\.object\(\{([\s\S]*?)\n\}\)/.exec(read('examples/service/settings.ts')) ?? []
  const variables = [...body.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, name]) => name)
  const [, table = ''] = read('examples/service/README.md').split('## Environment')
  const rows = [...(table.split('## Files')[0] ?? '').matchAll(/^\| (`[A-Z].*?) \|/gm)].map(([, cell = '']) => cell)
  const explained = rows.flatMap((cell) => [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name))
  expect(explained.sort()).toEqual(variables.sort())
})

test('the page of accounts says how to sign in as the sample account', () => {
  expect(read('examples/accounts/README.md')).toContain(`\`${sample.phone}\`, \`${sample.password}\``)
})

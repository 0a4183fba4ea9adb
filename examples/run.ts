import { readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

// npm run example -- <name> [options]: runs examples/<name>/main.ts as if it had been called itself.

const folder = fileURLToPath(new URL('.', import.meta.url))
const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => basename(path) === 'main.ts')
  .map((path) => dirname(path).replaceAll('\\', '/'))
  .sort()
const [name = ''] = process.argv.splice(2, 1)

if (names.includes(name)) {
  await import(new URL(`./${name}/main.ts`, import.meta.url).href)
} else {
  process.stderr.write(`Usage: npm run example -- <name> [options]\n\nExamples: ${names.join(', ')}\n`)
  process.exitCode = 2
}

import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// npm run example -- <name> [options]: runs examples/<name>/main.ts as if it had been called itself.

const folder = fileURLToPath(new URL('.', import.meta.url))
const names = readdirSync(folder).filter((name) => existsSync(`${folder}${name}/main.ts`))
const [name = ''] = process.argv.splice(2, 1)

if (names.includes(name)) {
  await import(new URL(`./${name}/main.ts`, import.meta.url).href)
} else {
  process.stderr.write(`Usage: npm run example -- <name> [options]\n\nExamples: ${names.join(', ')}\n`)
  process.exitCode = 2
}

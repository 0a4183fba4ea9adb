// A registry mirror that lacks a platform package makes `npm install` drop it from the lock without a word; `npm ci` then
// breaks on that platform only. This looks for the holes, and for registry URLs, which would tie the lock to one registry.
import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const exact = /^(npm:(@[\w-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/

// Node's own lookup: the nearest node_modules first, then one package further up.
const resolve = (from, name) => {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const found = packages[at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`]
    if (found || at === '') return found
  }
}

const faults = []
for (const [at, entry] of Object.entries(packages)) {
  if (entry.resolved !== undefined) faults.push(`${at}: carries a registry URL (resolved)`)
  if (at !== '' && !entry.link && !entry.inBundle && entry.integrity === undefined) faults.push(`${at}: has no integrity`)
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const found = resolve(at, name)
    if (!found) faults.push(`${name}@${range}: missing, wanted by ${at}@${entry.version}`)
    else if (exact.test(range) && found.version !== range)
      faults.push(`${name}@${range}: found ${found.version}, wanted by ${at}@${entry.version}`)
  }
}
for (const [name, range] of Object.entries(manifest.devDependencies ?? {})) {
  if (!exact.test(range)) faults.push(`devDependencies ${name}: "${range}" is not an exact version`)
}

if (faults.length > 0) {
  console.error(`package-lock.json: ${faults.length} fault(s)\n${faults.join('\n')}`)
  process.exit(1)
}

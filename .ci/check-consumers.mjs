// Installs the packed tarball the way a user does, into four new projects, and runs the first example of README.md there.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const subpaths = Object.keys(manifest.exports).map((key) => manifest.name + key.slice(1))
const modules = subpaths.filter((name) => !name.endsWith('.json'))

const kilobytes = (bytes) => `${Math.round(bytes / 1000)} kB`

const fail = (message) => {
  throw new Error(message)
}

const run = (cwd, command, ...args) => {
  console.log(`  $ ${[command, ...args].join(' ')}`)
  const child = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: command === 'npm' ? 300_000 : 60_000,
  })
  if (child.error) fail(`${command}: ${child.error.message}\n${child.stdout ?? ''}${child.stderr ?? ''}`)
  if (child.status !== 0) fail(`${command} ended with ${child.status ?? child.signal}\n${child.stdout}${child.stderr}`)
  return child.stdout
}

const sizeOf = (folder) =>
  readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name)
    if (entry.isSymbolicLink()) return sum
    return sum + (entry.isDirectory() ? sizeOf(path) : statSync(path).size)
  }, 0)

const readExample = () => {
  const [, example] = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync('README.md', 'utf8')) ?? fail('README.md has no ```ts block')
  if (!example.includes('createPhoneVerifier')) fail('the first ```ts block of README.md does not use createPhoneVerifier')
  return example
}

/** CommonJS has no top-level await: everything but the imports moves into a function that is called at once. */
const withoutTopLevelAwait = (source) => {
  const file = ts.createSourceFile('example.ts', source, ts.ScriptTarget.ES2023, true)
  const isImport = (statement) => ts.isImportDeclaration(statement)
  const text = (statements) => statements.map((statement) => statement.getFullText(file)).join('')
  const imports = file.statements.filter(isImport)
  const body = file.statements.filter((statement) => !isImport(statement))
  return `${text(imports)}\n\nasync function main() {${text(body)}\n}\nmain()\n`
}

const toJavaScript = (source, module) =>
  ts.transpileModule(source, { compilerOptions: { module, target: ts.ScriptTarget.ES2023 } }).outputText

// Both formats must offer the same names, else a project that changes format breaks.
const printNames = (load) => `const names = {}
for (const name of ${JSON.stringify(modules)}) names[name] = Object.keys(await ${load}).filter((key) => key !== 'default' && key !== 'module.exports').sort()
console.log(JSON.stringify(names))
`

const manifestReader = `if (require('${manifest.name}/package.json').version !== '${manifest.version}') throw new Error('package.json of another version')\n`

const subpathsEsm = `import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
${manifestReader}${printNames('import(name)')}`

const subpathsCommonJs = `${manifestReader}const main = async () => {
${printNames('require(name)')}}
main()
`

const subpathsTypeScript = `${modules.map((name, at) => `import * as m${at} from '${name}'`).join('\n')}
const all: readonly object[] = [${modules.map((_, at) => `m${at}`).join(', ')}]
if (all.some((exported) => Object.keys(exported).length === 0)) throw new Error('a subpath exports nothing')
`

const tsconfig = (module, files, skipLibCheck) =>
  JSON.stringify({
    compilerOptions: {
      module,
      target: 'es2023',
      lib: ['es2023'],
      types: ['node'],
      strict: true,
      skipLibCheck,
      rootDir: '.',
      outDir: 'out',
    },
    files,
  })

const expectVerified = (output) => {
  const line = output.split('\n').find((text) => text.startsWith('verified +')) ?? fail(`no line "verified +…" in the output:\n${output}`)
  console.log(`    ${line}`)
}

const prepare = (root, name, tarball, type, files, packages = []) => {
  console.log(`\n${name}`)
  const folder = join(root, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type }))
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
  run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', tarball, ...packages)
  return folder
}

const checkPlain = (root, name, tarball, type, extension, example, listing) => {
  const files = { [`example.${extension}`]: example, [`subpaths.${extension}`]: listing }
  const folder = prepare(root, name, tarball, type, files)
  expectVerified(run(folder, 'node', `example.${extension}`))
  const names = run(folder, 'node', `subpaths.${extension}`).trim()
  console.log(`    ${modules.length} subpaths and package.json load`)
  console.log(
    `    installed size ${kilobytes(sizeOf(join(folder, 'node_modules')))}, of which this package ${kilobytes(sizeOf(join(folder, 'node_modules', manifest.name)))}`,
  )
  return names
}

// The example is checked with the declarations it loads; the subpaths without, for those of an optional peer need the peer's types.
const checkTypeScript = (root, name, tarball, type, module, example) => {
  const versions = ['typescript', '@types/node'].map((tool) => `${tool}@${manifest.devDependencies[tool]}`)
  const files = {
    'example.ts': example,
    'subpaths.ts': subpathsTypeScript,
    'tsconfig.json': tsconfig(module, ['example.ts'], false),
    'tsconfig.subpaths.json': tsconfig(module, ['subpaths.ts'], true),
  }
  const folder = prepare(root, name, tarball, type, files, versions)
  const tsc = join('node_modules', 'typescript', 'bin', 'tsc')
  run(folder, 'node', tsc, '-p', '.')
  expectVerified(run(folder, 'node', join('out', 'example.js')))
  run(folder, 'node', tsc, '-p', 'tsconfig.subpaths.json')
  run(folder, 'node', join('out', 'subpaths.js'))
  console.log(`    ${modules.length} subpaths compile and load`)
}

const check = (root) => {
  const example = readExample()
  const wrapped = withoutTopLevelAwait(example)

  console.log('tarball')
  run('.', 'npm', 'pack', '--pack-destination', root)
  const tarball = join(root, `${manifest.name}-${manifest.version}.tgz`)
  console.log(`    size ${kilobytes(statSync(tarball).size)}`)

  const esm = checkPlain(root, 'javascript-esm', tarball, 'commonjs', 'mjs', toJavaScript(example, ts.ModuleKind.ESNext), subpathsEsm)
  const commonJs = checkPlain(
    root,
    'javascript-commonjs',
    tarball,
    'commonjs',
    'cjs',
    toJavaScript(wrapped, ts.ModuleKind.CommonJS),
    subpathsCommonJs,
  )
  if (esm !== commonJs) fail(`import and require offer different names:\n${esm}\n${commonJs}`)

  checkTypeScript(root, 'typescript-nodenext-esm', tarball, 'module', 'nodenext', example)
  checkTypeScript(root, 'typescript-node16-commonjs', tarball, 'commonjs', 'node16', wrapped)
}

const root = mkdtempSync(join(tmpdir(), `${manifest.name}-consumers-`))
try {
  check(root)
  console.log('\nfour projects, all green')
} catch (error) {
  console.error(`\ncheck-consumers failed: ${error.message}`)
  process.exitCode = 1
} finally {
  rmSync(root, { recursive: true, force: true })
}

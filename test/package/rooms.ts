import { posix } from 'node:path'
import { type Import, type Module, parseModule, type Tree } from './module.js'

/** A room of the house: what its files may import. `folder/*` is every file of it, `folder/name*` the file of that name and its pieces; `type` may import whatever `value` may. */
interface Room {
  readonly files: string
  readonly value: readonly string[]
  readonly type: readonly string[]
  /** Loaded at first use: what is optional, or what most callers never need. */
  readonly lazy?: readonly string[]
}

const contracts = ['store/store', 'sms/backend']
const service = { value: ['domain/*', 'errors'], type: ['services/*', 'node:crypto', ...contracts], lazy: ['jose/*'] }
const testing = { value: ['testing/*', 'sms/must-contain', 'errors', 'node:assert/strict', 'node:util'], type: contracts }

/** A provider: its own pieces, and those that every provider needs. */
const leaf = (name: string) => ({
  value: [
    ...[`sms/${name}-*`, 'sms/must-contain', 'sms/failure', 'sms/exchange', 'sms/exchange-meaning', 'sms/provider-url', 'sms/segments'],
    ...['errors', 'node:crypto', 'node:events'],
  ],
  type: ['sms/backend'],
})

const endpointPieces = ['http/*', 'domain/language', 'errors']
const adapterPieces = ['http/endpoints', 'http/node-message', 'http/require-proof', 'http/wire']

/** The import table of docs/decisions/0001-rooms.md. The first room that holds a file decides. */
const rooms: readonly Room[] = [
  { files: 'errors', value: [], type: [] },
  { files: 'domain/*', value: ['domain/digit', 'errors', 'node:crypto', 'libphonenumber-js/max'], type: ['domain/*'] },
  { files: 'store/store', value: [], type: ['domain/*'] },
  { files: 'sms/backend', value: [], type: ['domain/*'] },
  { files: 'store/memory', value: ['store/memory-table', 'store/memory-hits', 'errors'], type: ['store/store'] },
  { files: 'store/given', value: ['errors'], type: ['store/store'] },
  { files: 'store/redis*', value: ['store/redis-*', 'store/given', 'errors', 'node:crypto'], type: ['store/store'] },
  { files: 'store/postgres*', value: ['store/postgres-*', 'store/given', 'errors', 'node:crypto'], type: ['store/store'] },
  { files: 'store/keyv*', value: ['store/keyv-*', 'store/given', 'errors', 'node:crypto'], type: ['store/store'] },
  { files: 'store/*', value: ['errors'], type: ['store/store'] },
  { files: 'sms/must-contain', value: ['errors'], type: ['sms/backend'] },
  { files: 'sms/failure', value: ['errors'], type: [] },
  { files: 'sms/exchange', value: ['node:events', 'node:http', 'node:https', 'node:tls'], type: [] },
  { files: 'sms/exchange-meaning', value: [], type: ['sms/exchange', 'sms/failure'] },
  { files: 'sms/provider-url', value: ['errors'], type: [] },
  { files: 'sms/twilio*', ...leaf('twilio'), lazy: ['twilio'] },
  { files: 'sms/vonage*', ...leaf('vonage'), lazy: ['@vonage/server-sdk'] },
  { files: 'sms/http*', ...leaf('http') },
  { files: 'sms/fallback*', value: ['sms/fallback-*', 'errors', 'node:events'], type: ['sms/backend'] },
  { files: 'sms/by-tenant*', value: ['sms/by-tenant-*', 'errors', 'node:events'], type: ['sms/backend'] },
  { files: 'sms/templated', value: ['sms/template', 'errors'], type: ['sms/backend'] },
  { files: 'sms/lint', value: ['sms/template', 'sms/segments', 'errors'], type: ['sms/backend'] },
  { files: 'sms/locales/likely-language', value: ['libphonenumber-js/max'], type: [] },
  { files: 'sms/locales/text-finder', value: ['sms/template', 'sms/locales/catalogue', 'sms/locales/texts', 'i18next'], type: [] },
  { files: 'sms/locales/text-problems', value: ['domain/language', 'sms/template', 'sms/locales/texts'], type: ['errors'] },
  { files: 'sms/locales/*', value: ['sms/locales/*'], type: [] },
  {
    files: 'sms/localized',
    value: ['domain/language', 'sms/locales/*', 'errors'],
    type: ['sms/backend', 'sms/template'],
  },
  { files: 'sms/*', value: ['sms/must-contain', 'errors'], type: ['sms/backend'] },
  { files: 'services/jwe', ...service, value: [...service.value, 'node:crypto'] },
  { files: 'services/call', ...service, value: [...service.value, 'node:events'] },
  { files: 'services/events', ...service, value: [...service.value, 'node:diagnostics_channel'] },
  { files: 'services/*', ...service },
  { files: 'options', value: [], type: ['domain/*', 'services/*', 'node:crypto', ...contracts] },
  { files: 'validation', value: ['domain/*', 'errors'], type: [] },
  { files: 'proof-keys', value: ['validation', 'node:crypto'], type: ['options', 'services/*'] },
  { files: 'combine-terms', value: ['domain/*', 'errors'], type: ['options'] },
  {
    files: 'settings',
    value: ['domain/*', 'validation', 'proof-keys', 'combine-terms', 'errors'],
    type: ['options', 'services/*', ...contracts],
  },
  { files: 'verifier', value: ['domain/*', 'services/*', 'store/guarded', 'settings', 'errors'], type: ['options', ...contracts] },
  { files: 'index', value: ['verifier', 'domain/phone-number', 'errors'], type: ['options', 'domain/*', 'services/*', ...contracts] },
  {
    files: 'lint-messages',
    value: ['sms/*', 'services/message', 'services/notice', 'domain/purpose', 'errors', 'node:path', 'node:url', 'node:util'],
    type: ['services/challenge', 'sms/backend'],
  },
  { files: 'http/titles/*', value: ['http/titles/*'], type: ['http/problem'] },
  { files: 'http/titles', value: ['domain/language', 'http/titles/catalogue'], type: ['http/problem'] },
  {
    files: 'http/open-api*',
    value: ['http/open-api-*', 'http/base-path', 'http/schemas', 'http/problem*', 'errors'],
    type: ['http/endpoints'],
  },
  {
    files: 'http/webhook*',
    value: ['http/webhook*', 'http/json-object', 'errors', 'node:crypto'],
    type: ['http/wire', 'http/problem', 'services/report-delivery'],
    lazy: ['jose'],
  },
  {
    files: 'http/endpoints',
    value: [...endpointPieces, 'http/webhooks'],
    type: ['verifier', 'services/verbs'],
  },
  { files: 'http/index', value: ['http/*'], type: ['http/*'] },
  { files: 'http/express', value: adapterPieces, type: ['verifier', 'http/*', 'express'] },
  { files: 'http/fastify', value: [...adapterPieces, 'http/schemas'], type: ['verifier', 'http/*', 'fastify'] },
  { files: 'http/fetch', value: adapterPieces, type: ['verifier', 'http/*'] },
  { files: 'http/*', value: endpointPieces, type: ['http/*', 'domain/*', 'services/verbs', 'verifier', 'node:http'] },
  { files: 'client', value: ['client/*'], type: [] },
  { files: 'client/*', value: ['client/*'], type: [] },
  { files: 'testing/index', value: ['testing/*'], type: [] },
  {
    files: 'testing/test-verifier',
    value: ['testing/*', 'verifier', 'store/memory', 'sms/outbox', 'node:crypto'],
    type: ['options', 'services/*', ...contracts],
  },
  { files: 'testing/*', ...testing },
]

/** What is assembled from pieces and is a piece of nothing. */
const tops = [
  'index',
  'http/index',
  'http/express',
  'http/fastify',
  'http/fetch',
  'client',
  'lint-messages',
  'testing/index',
  'testing/test-verifier',
]
const drawers = /(^|[/-])(utils?|helpers?|common|types?|misc|shared)$/

const maxLines = 200
const maxMedian = 80

/** Everything in a source tree that breaks a rule of the house. `excused` files may be long: a decision record says why. */
export function inspectTree(tree: Tree, excused: ReadonlySet<string> = new Set()): readonly string[] {
  const modules = new Map([...tree].map(([path, text]) => [path, parseModule(path, text)]))
  const complaints = [...modules].flatMap(([path, module]) => [
    ...module.faults.map((fault) => `${path} ${fault}`),
    ...(drawers.test(path) ? [`${path} is named after nothing it makes`] : []),
    ...(module.lines > maxLines && !excused.has(path) ? [`${path} has ${module.lines} lines`] : []),
    ...module.imports.flatMap((one) => refusal(path, one, modules)),
  ])
  const middle = median([...modules.values()].map(({ lines }) => lines))
  const long = middle > maxMedian ? [`the median file has ${middle} lines`] : []
  return [...complaints, ...long, ...cycles(modules)]
}

function refusal(path: string, { specifier, kind }: Import, modules: ReadonlyMap<string, Module>): readonly string[] {
  const how = { value: 'imports', type: 'imports the type of', lazy: 'loads' }[kind]
  if (specifier.startsWith('.') && !specifier.endsWith('.js')) return [`${path} ${how} ${specifier}, which does not end in .js`]
  const target = targetOf(path, specifier)
  if (specifier.startsWith('.') && !modules.has(target)) return [`${path} ${how} ${specifier}, which is not there`]
  const room = rooms.find(({ files }) => fits(path, files))
  if (room === undefined) return [`${path} is in no room`]
  const allowed = { value: room.value, type: [...room.value, ...room.type, ...(room.lazy ?? [])], lazy: room.lazy ?? [] }[kind]
  return allowed.some((pattern) => fits(target, pattern)) && (!tops.includes(target) || path === 'testing/index')
    ? []
    : [`${path} ${how} ${target}`]
}

/** Chains of value imports that lead back to where they began, each once. */
function cycles(modules: ReadonlyMap<string, Module>): readonly string[] {
  const found: string[] = []
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) return void found.push(`cycle: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`)
    if (done.has(path)) return
    const { imports = [] } = modules.get(path) ?? {}
    for (const { specifier, kind } of imports)
      if (kind !== 'type' && specifier.startsWith('.')) walk(targetOf(path, specifier), [...trail, path])
    done.add(path)
  }
  for (const path of modules.keys()) walk(path, [])
  return found
}

const targetOf = (path: string, specifier: string) =>
  specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier).replace(/\.js$/, '') : specifier

const fits = (path: string, pattern: string) => (pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern)

export const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

/** Every module that is loaded together with `entry`: its value imports, theirs, and so on. */
export function loadedWith(entry: string, tree: Tree): ReadonlySet<string> {
  const loaded = new Set<string>()
  const load = (path: string): void => {
    const text = tree.get(path)
    if (loaded.has(path)) return
    loaded.add(path)
    if (text === undefined) return
    for (const { specifier, kind } of parseModule(path, text).imports) if (kind === 'value') load(targetOf(path, specifier))
  }
  load(entry)
  return loaded
}

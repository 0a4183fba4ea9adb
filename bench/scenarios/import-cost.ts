import { spawnSync } from 'node:child_process'
import { median } from '../meter.js'
import { type Report, scenario } from '../report.js'

interface Start {
  readonly wallMs: number
  readonly cpuMs: number
  readonly residentMiB: number
}

/** A new process that imports this and says what its life has cost so far. */
function start(name: string | undefined): Start {
  const report = `const { user, system } = process.cpuUsage()
  console.log(JSON.stringify({ wallMs: performance.now(), cpuMs: (user + system) / 1000, residentMiB: process.memoryUsage.rss() / 2 ** 20 }))`
  const script = name === undefined ? report : `await import(${JSON.stringify(name)})\n${report}`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

const providers = ['phone-verify/sms/twilio', 'phone-verify/sms/vonage']

const imports = [
  undefined,
  ...['node:crypto', 'node:https', 'libphonenumber-js/max', 'phone-verify', 'phone-verify/store/memory', 'phone-verify/sms/console'],
  ...providers,
  ...['phone-verify/sms/localized', 'phone-verify/sms/fallback', 'phone-verify/express', 'phone-verify/fastify', 'phone-verify/fetch'],
  ...['twilio', '@vonage/server-sdk'],
]

await scenario(async ({ quick }): Promise<Report> => {
  const starts: Start[][] = imports.map(() => [])
  for (let run = 0; run < (quick ? 5 : 15); run++) for (const [index, name] of imports.entries()) starts[index]?.push(start(name))
  const of = (index: number, field: keyof Start) => (starts[index] ?? []).map((one) => one[field])
  const beyond = (index: number, field: keyof Start, pick: (values: readonly number[]) => number) =>
    pick(of(index, field)) - pick(of(0, field))
  const least = (values: readonly number[]) => Math.min(...values)
  const own = imports.indexOf('phone-verify')
  return {
    title: 'Import in a new process, beyond bare Node',
    columns: ['import', 'wall ms, median', 'wall ms, least', 'CPU ms, median', 'resident MiB'],
    rows: imports.slice(1).map((name, at) => {
      const index = at + 1
      return [
        name ?? '',
        beyond(index, 'wallMs', median),
        beyond(index, 'wallMs', least),
        beyond(index, 'cpuMs', median),
        beyond(index, 'residentMiB', median),
      ]
    }),
    // Other work on the machine only adds: the least of the runs is nearest to the truth.
    gates: [
      { name: "import 'phone-verify', ms", value: beyond(own, 'wallMs', least), atMost: 60 },
      ...providers.map((name) => ({
        name: `import '${name}', ms: its SDK is not loaded`,
        value: beyond(imports.indexOf(name), 'wallMs', least),
        atMost: 30,
      })),
    ],
    notes: ['The SDKs stand last, for comparison: a backend loads its own at the first send.'],
  }
})

import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { buildPackage, buildScenarios } from './build.js'
import { holds, type Report, type Request, text } from './report.js'

const scenarios: Readonly<Record<string, readonly string[]>> = {
  throughput: ['--expose-gc'],
  breakdown: ['--expose-gc'],
  growth: ['--expose-gc', '--max-old-space-size=8192'],
  memory: ['--expose-gc', '--max-old-space-size=8192'],
  expiry: ['--expose-gc', '--max-old-space-size=8192'],
  'import-cost': [],
  commands: [],
  stores: ['--expose-gc'],
  latency: [],
  processes: ['--expose-gc'],
  'store-growth': ['--expose-gc'],
  sms: [],
  http: [],
}

/** Each scenario has a process to itself: no heap and no compiled code of another. */
const run = (file: string, flags: readonly string[], request: Request) =>
  new Promise<Report>((resolve, reject) => {
    const child = fork(file, [JSON.stringify(request)], { execArgv: [...flags] })
    child.once('message', (report) => resolve(report as Report))
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code} and no report`)))
  })

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    gate: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
  },
})
const names = Object.keys(scenarios).filter((name) => values.only === undefined || values.only.includes(name))

buildPackage()
const fileOf = await buildScenarios(names)
const reports: Record<string, Report> = {}
for (const name of names) {
  const report = await run(fileOf(name), scenarios[name] ?? [], { quick: values.quick })
  reports[name] = report
  console.log(text(report))
}

const machine = { node: process.version, platform: `${process.platform} ${process.arch}`, cpu: cpus()[0]?.model, cores: cpus().length }
writeFileSync('bench/results.json', `${JSON.stringify({ at: new Date().toISOString(), quick: values.quick, machine, reports }, null, 2)}\n`)

const missed = Object.values(reports).flatMap(({ gates }) => gates.filter((gate) => gate.inconclusive === undefined && !holds(gate)))
if (missed.length > 0) console.log(`\nMissed: ${missed.map(({ name }) => name).join(', ')}`)
if (values.gate && missed.length > 0) process.exitCode = 1

import { existsSync, readFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'

/** One place on the stack: the source file it was built from, else the module it is in, and the function. */
export interface Place {
  readonly file: string
  readonly name: string
}

/** A stack, the innermost place first, and how much of the whole time was spent at its top: 0 to 1. */
export interface Share {
  readonly stack: readonly Place[]
  readonly share: number
}

const maps = new Map<string, SourceMap | undefined>()

function mapOf(url: string): SourceMap | undefined {
  if (!maps.has(url)) {
    const path = url.startsWith('file:') ? `${fileURLToPath(url)}.map` : ''
    maps.set(url, existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8'))) : undefined)
  }
  return maps.get(url)
}

function fileOf(url: string, line: number, column: number): string {
  const entry = mapOf(url)?.findEntry(line, column)
  const source = entry !== undefined && 'originalSource' in entry ? entry.originalSource : url
  return source.replace(/^.*?(?=(?:src|bench|node_modules)\/)/, '')
}

/** Where the time of a piece of work goes, sampled ten thousand times a second. */
export async function profile(work: () => Promise<void>): Promise<readonly Share[]> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 100 })
  await session.post('Profiler.start')
  await work()
  const { profile: taken } = await session.post('Profiler.stop')
  session.disconnect()

  const places = new Map(
    taken.nodes.map(({ id, callFrame: { functionName, url, lineNumber, columnNumber } }) => [
      id,
      { file: fileOf(url, lineNumber, columnNumber), name: functionName },
    ]),
  )
  const parents = new Map(taken.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const stackOf = (leaf: number): Place[] => {
    const stack: Place[] = []
    for (let id: number | undefined = leaf; id !== undefined; id = parents.get(id)) stack.push(places.get(id) as Place)
    return stack
  }

  const spentUs = new Map<number, number>()
  for (const [index, id] of (taken.samples ?? []).entries()) spentUs.set(id, (spentUs.get(id) ?? 0) + (taken.timeDeltas?.[index] ?? 0))
  const shares = [...spentUs].map(([id, us]) => ({ stack: stackOf(id), share: us }))
  // What the profiler itself does, and what the engine does outside of any function, is nobody's.
  const counted = shares.filter(({ stack: [leaf] }) => !['dispatch', '#onMessage', '(program)', '(idle)'].includes(leaf?.name ?? ''))
  const wholeUs = counted.reduce((sum, { share }) => sum + share, 0)
  return counted.map(({ stack, share }) => ({ stack, share: share / wholeUs }))
}

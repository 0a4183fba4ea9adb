import { existsSync, readFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'

interface Frame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
  readonly columnNumber: number
}

/** One place on the stack: the source file it was built from, else the module it is in, and the function. */
export interface Place {
  readonly file: string
  readonly name: string
}

/** Microseconds by stack, the innermost place first. */
export type Samples = readonly { readonly stack: readonly Place[]; readonly us: number }[]

const maps = new Map<string, SourceMap | undefined>()

function mapOf(url: string): SourceMap | undefined {
  if (!maps.has(url)) {
    const path = url.startsWith('file:') ? `${fileURLToPath(url)}.map` : ''
    maps.set(url, existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8'))) : undefined)
  }
  return maps.get(url)
}

function placeOf({ url, functionName, lineNumber, columnNumber }: Frame): Place {
  const entry = mapOf(url)?.findEntry(lineNumber, columnNumber)
  const source = entry !== undefined && 'originalSource' in entry ? entry.originalSource : undefined
  return { file: (source ?? url).replace(/^.*?(?=(?:src|bench|node_modules)\/)/, ''), name: functionName }
}

/** Where the time of a piece of work goes, sampled ten thousand times a second. */
export async function profile(work: () => Promise<void>): Promise<Samples> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 100 })
  await session.post('Profiler.start')
  await work()
  const { profile: taken } = await session.post('Profiler.stop')
  session.disconnect()

  const nodes = new Map(taken.nodes.map((node) => [node.id, node]))
  const parents = new Map(taken.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const spent = new Map<number, number>()
  for (const [index, id] of (taken.samples ?? []).entries()) spent.set(id, (spent.get(id) ?? 0) + (taken.timeDeltas?.[index] ?? 0))

  const stackOf = (leaf: number): Place[] => {
    const stack: Place[] = []
    for (let id: number | undefined = leaf; id !== undefined; id = parents.get(id)) {
      const node = nodes.get(id)
      if (node !== undefined) stack.push(placeOf(node.callFrame))
    }
    return stack
  }
  return [...spent].map(([id, us]) => ({ stack: stackOf(id), us }))
}

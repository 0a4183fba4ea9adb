import { spawn } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { randomIdentifier, randomOctets } from '../../src/domain/random.js'

describe('random identifiers', () => {
  test('are 128 bits, base64url, and owe nothing to Math.random or the clock', () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    vi.spyOn(Date, 'now').mockReturnValue(0)
    const ids = Array.from({ length: 1_000 }, randomIdentifier)
    expect(new Set(ids).size).toBe(1_000)
    for (const id of ids) expect(Buffer.from(id, 'base64url').toString('base64url')).toBe(id)
    expect(Buffer.from(ids[0]!, 'base64url')).toHaveLength(16)
  })

  test('T-ENT-03: two threads and two processes draw 400 000, none twice', { timeout: 60_000 }, async () => {
    const random = new URL('../../src/domain/random.ts', import.meta.url).href
    const load = `import('tsx/esm/api').then(({ tsImport }) => tsImport('${random}', '${import.meta.url}'))`
    const draw = `${load}.then(({ randomIdentifier }) => Array.from({ length: 100_000 }, randomIdentifier).join('\\n'))`
    const inThread = () =>
      new Promise<string>((resolve, reject) => {
        const send = `${draw}.then((ids) => require('node:worker_threads').parentPort.postMessage(ids))`
        new Worker(send, { eval: true, execArgv: [] }).once('message', resolve).once('error', reject)
      })
    const inProcess = () =>
      new Promise<string>((resolve, reject) => {
        const child = spawn(process.execPath, ['-e', `${draw}.then((ids) => process.stdout.write(ids))`])
        const parts: Buffer[] = []
        child.stdout.on('data', (part) => parts.push(part))
        child.on('error', reject).on('close', () => resolve(Buffer.concat(parts).toString()))
      })
    const drawn = await Promise.all([inThread(), inThread(), inProcess(), inProcess()])
    expect(new Set(drawn.flatMap((ids) => ids.split('\n'))).size).toBe(400_000)
  })
})

describe('random octets', () => {
  test('of whatever lengths, over the ends of many pages, no eight of them come twice and none is left blank', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 8, max: 64 }), { minLength: 100, maxLength: 400 }), (lengths) => {
        const drawn = lengths.map(randomOctets)
        expect(drawn.map(({ length }) => length)).toEqual(lengths)
        const openings = drawn.map((octets) => octets.toString('hex', 0, 8))
        expect(new Set(openings).size).toBe(lengths.length)
        for (const octets of drawn) expect(octets.equals(Buffer.alloc(octets.length))).toBe(false)
      }),
      { numRuns: 50 },
    )
  })

  test('a draw is its own: what is written into it reaches nobody', () => {
    const first = randomOctets(16)
    const before = randomIdentifier()
    first.fill(0)
    expect(randomIdentifier()).not.toBe(before)
    expect(randomOctets(16).equals(Buffer.alloc(16))).toBe(false)
  })

  test('every bit is as often set as not', () => {
    const draws = 20_000
    const set = new Array<number>(64).fill(0)
    for (let draw = 0; draw < draws; draw++) {
      const octets = randomOctets(8)
      for (let bit = 0; bit < 64; bit++) if ((octets[bit >> 3]! >> (bit & 7)) & 1) set[bit]! += 1
    }
    // Six standard deviations: one run in millions is beyond.
    const most = draws / 2 + 6 * Math.sqrt(draws / 4)
    for (const count of set) expect(Math.max(count, draws - count)).toBeLessThan(most)
  })
})

import { createHash } from 'node:crypto'
import { app } from '../contestant.js'
import type { Guessed, Hashes, Kept, SendHashes, Spent } from './kept.js'
import { floorScripts } from './redis-scripts.js'

type Name = keyof typeof floorScripts

/** EVALSHA of one client or the other. */
export interface ScriptCaller {
  load(text: string): Promise<unknown>
  run(sha: string, keys: string[], values: string[]): Promise<unknown>
}

const shas = Object.fromEntries(
  Object.entries(floorScripts).map(([name, text]) => [name, createHash('sha1').update(text).digest('hex')]),
) as Record<Name, string>

export const loadFloorScripts = (caller: ScriptCaller) => Promise.all(Object.values(floorScripts).map((text) => caller.load(text)))

const statusOf = ([status, figure, digest]: readonly unknown[]): Guessed | Spent => {
  if (status === 'wrong') return { status, left: Number(figure) }
  if (status === 'limited') return { status, waitMs: Number(figure) }
  if (status === 'spent') return { status, left: Number(figure), digest: String(digest) }
  return { status } as Guessed
}

/** The floor's state in Redis: one EVALSHA a step. */
export function redisKept(caller: ScriptCaller, prefix: string): Kept {
  // A server that restarted, or was told to, has forgotten the scripts.
  const run: ScriptCaller['run'] = (sha, keys, values) =>
    caller.run(sha, keys, values).catch(async (error: unknown) => {
      if (!String((error as Partial<Error> | undefined)?.message).startsWith('NOSCRIPT')) throw error
      await loadFloorScripts(caller)
      return caller.run(sha, keys, values)
    })
  const { purpose } = app
  const challenge = (id: string) => `${prefix}c:${id}`
  const proof = (id: string) => `${prefix}v:${id}`
  const sending = ({ phone, client, prefix: block }: SendHashes) => [
    `${prefix}o:${phone}${purpose}`,
    `${prefix}w:${phone}`,
    `${prefix}p:${phone}`,
    `${prefix}k:${client}`,
    `${prefix}x:${block}`,
    `${prefix}t`,
  ]
  const guessing = ({ phone, client }: Hashes) => [`${prefix}f:${phone}${purpose}`, `${prefix}g:${client}`]

  return {
    async open(id, digest, hashes) {
      const [waitMs, resendMs] = (await run(shas.open, [challenge(id), ...sending(hashes)], [id, digest])) as number[]
      return { waitMs: waitMs as number, resendMs: resendMs as number }
    },
    async undo(id, hashes) {
      await run(shas.undo, [challenge(id), ...sending(hashes)], [id])
    },
    async guess(id, digest, hashes, proofId) {
      return statusOf((await run(shas.guess, [challenge(id), ...guessing(hashes), proof(proofId)], [id, digest])) as unknown[]) as Guessed
    },
    async spend(id, hashes) {
      return statusOf((await run(shas.spend, [challenge(id), ...guessing(hashes)], [id])) as unknown[]) as Spent
    },
    async win(id, hashes, proofId) {
      return (await run(shas.win, [challenge(id), ...guessing(hashes), proof(proofId)], [])) as Awaited<ReturnType<Kept['win']>>
    },
    async redeem(proofId) {
      return (await run(shas.redeem, [proof(proofId)], [])) as Awaited<ReturnType<Kept['redeem']>>
    },
  }
}

import { createHash } from 'node:crypto'
import express from 'express'
import type { Redis } from 'ioredis'
import { answerTo, path } from './guess.js'
import type { Mount } from './listen.js'

const lifeMs = 600_000

/** What anybody would do at the least: count on the server, in one step, on a key that ends. */
const script = `local n = redis.call('HINCRBY', KEYS[1], 'n', 1)
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return n`
const sha = createHash('sha1').update(script).digest('hex')

/** What is left of the attempts after this one. */
export type Spend = (guess: { readonly sessionToken: string; readonly code: string }, forwardedFor: string) => number | Promise<number>

/** Counts with one EVALSHA, and compares nothing. */
export async function spendInRedis(client: Redis, prefix: string): Promise<Spend> {
  await client.script('LOAD', script)
  return async ({ sessionToken }) => 5 - Number(await client.evalsha(sha, 1, prefix + sessionToken.slice(-32), lifeMs))
}

/** A route that parses the same body with the framework's own parser, spends an attempt, and answers. */
export function bare(spend: Spend): Mount {
  const answer = async (body: { readonly sessionToken?: unknown; readonly code?: unknown }, forwardedFor: unknown) => {
    const { sessionToken, code } = body
    if (typeof sessionToken !== 'string' || typeof code !== 'string') throw new Error('two strings are asked for')
    return answerTo(await spend({ sessionToken, code }, String(forwardedFor)))
  }
  return {
    express: (app) =>
      void app.post(path, express.json(), async ({ body, headers }, response) => {
        response.status(422).json(await answer(body, headers['x-forwarded-for']))
      }),
    async fastify(app) {
      app.post(path, async ({ body, headers }, reply) => reply.code(422).send(await answer(body as object, headers['x-forwarded-for'])))
    },
  }
}

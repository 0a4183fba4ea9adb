import type { Script } from './redis-scripts.js'

/** What is called of an ioredis client: `Redis` or `Cluster`, 5 or 6. */
export interface IoredisClient {
  evalsha(sha: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  readonly status?: string
}

/** What is called of a node-redis client: a client, cluster or sentinel, 5 or 6. */
export interface NodeRedisClient {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  readonly isReady?: boolean
}

export type RedisClient = IoredisClient | NodeRedisClient

/** Runs a script by its name, or by its text where the server does not know it. */
export type RunScript = (script: Script, keys: string[], values: string[]) => Promise<readonly unknown[]>

const isFunction = (value: unknown): value is (...given: never[]) => unknown => typeof value === 'function'

export const isRedisClient = (client: unknown): client is RedisClient => {
  const { evalsha, evalSha, eval: evaluate } = (client ?? {}) as Partial<IoredisClient & NodeRedisClient>
  return isFunction(evaluate) && (isFunction(evalsha) || isFunction(evalSha))
}

const isNoScript = (error: unknown) => String((error as Partial<Error> | undefined)?.message).startsWith('NOSCRIPT')

/** The two clients differ in how a script is called, and in nothing else that is needed here. */
export function createRunScript(client: RedisClient): RunScript {
  const [bySha, byText] =
    'evalSha' in client
      ? [
          ({ sha }: Script, keys: string[], values: string[]) => client.evalSha(sha, { keys, arguments: values }),
          ({ text }: Script, keys: string[], values: string[]) => client.eval(text, { keys, arguments: values }),
        ]
      : [
          ({ sha }: Script, keys: string[], values: string[]) => client.evalsha(sha, keys.length, ...keys, ...values),
          ({ text }: Script, keys: string[], values: string[]) => client.eval(text, keys.length, ...keys, ...values),
        ]

  const listOf = (answer: unknown): readonly unknown[] => (Array.isArray(answer) ? answer : [answer])
  return (script, keys, values) =>
    bySha(script, keys, values).then(listOf, (error: unknown) => {
      // A script that Redis does not know was not run: it may be sent once more. Nothing else may.
      if (isNoScript(error)) return byText(script, keys, values).then(listOf)
      throw error
    })
}

/** Whether a command would leave now. A client that has lost its server would keep it, and send it after its caller was refused. */
export const isConnected = (client: RedisClient): boolean => {
  if ('isReady' in client) return client.isReady !== false
  const { status = 'ready' } = client as IoredisClient
  return status === 'ready' || status === 'wait'
}

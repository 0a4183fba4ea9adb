import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'

/** All that a job holds: the session token, which is encrypted. Never a code, never a number. */
export interface SmsJob {
  readonly sessionToken: string
}

export interface QueueParts {
  readonly connection: Redis
  /** Web and workers name the same. */
  readonly name?: string | undefined
}

export interface SmsQueue {
  /** Resolves to the job's id when Redis has the job. The same token may be enqueued again: only one of its jobs will send. */
  enqueue(sessionToken: string): Promise<string>
  close(): Promise<void>
}

export const queueName = 'sms'

/** Fewer than the twenty claims that a send has: a second job with its token may need some. */
export const maxTries = 15

/** 1, 2, 4, 8, 16 and then every 24 seconds: fifteen tries take 247 s, within the 300 s that a login's code lives. */
export const retryDelayMs = (triesMade: number): number => 1_000 * Math.min(24, 2 ** (triesMade - 1))

export function createQueue({ connection, name = queueName }: QueueParts): SmsQueue {
  const queue = new Queue<SmsJob>(name, {
    connection,
    defaultJobOptions: {
      attempts: maxTries,
      // `custom` is the strategy that the worker brings.
      backoff: { type: 'custom' },
      // A token is of no use after its send. It holds a number, encrypted as it is, so it does not stay.
      removeOnComplete: true,
      removeOnFail: true,
    },
  })
  // A lost connection is said by the command that fails for it; without a listener it would be thrown at nobody.
  queue.on('error', () => {})

  return {
    async enqueue(sessionToken) {
      const { id } = await queue.add('deliver', { sessionToken })
      return String(id)
    },
    close: () => queue.close(),
  }
}

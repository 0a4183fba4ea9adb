import { type Job, UnrecoverableError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import type { DeliverOutcome, PhoneVerifier } from 'phone-verify'
import { queueName, retryDelayMs, type SmsJob } from './queue.js'

type Done = 'accepted' | 'unknown' | Extract<DeliverOutcome, { readonly ok: false }>['reason']

/** What became of one run of a job. Free of codes, numbers and tokens; told before the job leaves the queue, so at least once. */
export interface JobEvent {
  readonly type: 'job'
  readonly job: string
  /** Which run of the job this was, from 1: one after a retry, or after a worker's death, is a later one. */
  readonly run: number
  /** `unknown`: the SMS may have been sent, and only a resend sends another. `gave_up`: certainly not sent, and not tried again. */
  readonly outcome: Done | 'retrying' | 'gave_up'
  /** Why it was not sent: the code of the error. */
  readonly code?: string
}

export interface WorkerParts {
  /** A client with `maxRetriesPerRequest: null`: a worker waits for its Redis. */
  readonly connection: Redis
  readonly verifier: Pick<PhoneVerifier, 'deliver'>
  readonly onEvent: (event: JobEvent) => void
  readonly name?: string | undefined
  /** How long a dead worker holds its jobs. Longer than `deliver` may take, which is 10 s. */
  readonly takeoverMs?: number | undefined
  /** How many sends are on their way at once: as many as end as `unknown` when this process is killed. */
  readonly concurrency?: number | undefined
  readonly retryDelay?: ((triesMade: number) => number) | undefined
}

export interface SmsWorker {
  ready(): Promise<void>
  /** Takes no more jobs, and waits for those in hand. */
  close(): Promise<void>
}

/** Nothing that a later try would change: the text lacks what it must hold, or this verifier was asked the wrong way. */
const hopeless: readonly unknown[] = ['ERR_PV_CONFIGURATION', 'ERR_PV_ARGUMENT']

export function createWorker(parts: WorkerParts): SmsWorker {
  const { connection, verifier, onEvent, name = queueName, takeoverMs = 15_000, concurrency = 20, retryDelay = retryDelayMs } = parts

  const run = async (job: Job<SmsJob, Done>): Promise<Done> => {
    const tell = (outcome: JobEvent['outcome'], code?: string) =>
      onEvent({ type: 'job', job: String(job.id), run: job.attemptsStarted, outcome, ...(code !== undefined && { code }) })
    try {
      const done = meaningOf(await verifier.deliver(job.data.sessionToken), job)
      tell(done)
      return done
    } catch (error) {
      const code = codeOf(error)
      const over = hopeless.includes(code) || job.attemptsMade + 1 >= (job.opts.attempts ?? 1)
      tell(over ? 'gave_up' : 'retrying', code)
      // What is thrown here is kept in Redis, so it is made anew: a code, and no message of anybody's.
      throw over ? new UnrecoverableError(code) : new Error(code)
    }
  }

  const worker = new Worker<SmsJob, Done>(name, run, {
    connection,
    concurrency,
    lockDuration: takeoverMs,
    stalledInterval: takeoverMs / 3,
    // BullMQ gives a job up when its second worker dies, begun or not. Here the code's life is what ends it.
    maxStalledCount: 1_000,
    settings: { backoffStrategy: retryDelay },
  })
  // The connection comes back by itself, and the command that failed is tried again.
  worker.on('error', () => {})

  return {
    ready: async () => void (await worker.waitUntilReady()),
    close: () => worker.close(),
  }
}

/** Somebody has the claim. In a first run that was another job; in a later one it may have been this one, whose end nobody saw. */
function meaningOf(outcome: DeliverOutcome, job: Job): Done {
  if (outcome.ok) return outcome.delivery
  return outcome.reason === 'already_delivered' && job.attemptsStarted > 1 ? 'unknown' : outcome.reason
}

function codeOf(error: unknown): string {
  const { code } = Object(error) as { readonly code?: unknown }
  return typeof code === 'string' && code.startsWith('ERR_PV_') ? code : 'ERR_WORKER'
}

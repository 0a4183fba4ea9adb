import cluster from 'node:cluster'
import { env } from 'node:process'

/** Whether other processes serve the same application: a worker of `node:cluster` or an instance of PM2 is seldom alone. */
export const hasSiblings = (): boolean => cluster.isWorker || env['pm_id'] !== undefined

/**
 * Whether other processes serve the same application: a worker of `node:cluster` or an instance of PM2 is seldom alone. Asked for a store
 * that reaches one process only; `node:cluster` brings the network with it, and is not loaded for anybody else.
 */
export function hasSiblings(): boolean {
  const cluster = process.getBuiltinModule?.('node:cluster') as { readonly isWorker?: boolean } | undefined
  return cluster?.isWorker === true || process.env['pm_id'] !== undefined
}

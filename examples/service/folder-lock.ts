import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Makes this process the only one that uses the folder. The lock of a process that is no more is taken over.
 *
 * @returns what gives it back
 * @throws an error for the person at the terminal, when another process holds it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'in-use-by')
  const take = () => writeFile(file, String(process.pid), { flag: 'wx' })
  await take().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
    const holder = Number(await readFile(file, 'utf8'))
    if (isAlive(holder))
      throw new Error(`${folder} is in use by process ${holder}: stop it, or set DATABASE_URL to share a Postgres server`)
    await rm(file)
    await take()
  })
  return () => rm(file, { force: true })
}

function isAlive(pid: number): boolean {
  // A number that is no process's asks nobody; signal 0 asks without disturbing.
  if (!Number.isSafeInteger(pid) || pid < 1) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

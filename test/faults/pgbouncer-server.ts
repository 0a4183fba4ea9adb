import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { postgresAnswers } from '../fixtures/answers.js'
import { findProgram } from '../fixtures/find-program.js'
import { freePort } from '../fixtures/free-port.js'
import { startServerProcess } from '../fixtures/server-process.js'

/** Debian keeps it where only root looks. */
export const findPgbouncer = (): string | undefined => findProgram('pgbouncer') ?? findProgram('../sbin/pgbouncer')

/** A PgBouncer before a server, which lends a connection for one transaction at a time. */
export async function startPgbouncer(program: string, server: { readonly port: number }, user: { uid: number; gid: number } | undefined) {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'phone-verify-pgbouncer-'))
  const users = join(folder, 'users')
  const config = join(folder, 'pgbouncer.ini')
  await writeFile(users, '"postgres" ""\n')
  const settings = {
    ...{ listen_addr: '127.0.0.1', listen_port: port, unix_socket_dir: '', auth_type: 'trust', auth_file: users },
    ...{ pool_mode: 'transaction', default_pool_size: 4, max_client_conn: 200 },
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  await writeFile(config, ['[databases]', `* = host=127.0.0.1 port=${server.port}`, '[pgbouncer]', ...lines, ''].join('\n'))
  if (user !== undefined) await chown(folder, user.uid, user.gid)
  const answers = () => postgresAnswers({ host: '127.0.0.1', port })
  const running = await startServerProcess({ program, args: [config], folder, user, answers })
  return {
    port,
    async stop() {
      running.signal('SIGKILL')
      await running.ended()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

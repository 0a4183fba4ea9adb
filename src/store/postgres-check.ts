import { misconfigured } from '../errors.js'
import type { RunSql } from './postgres-client.js'

const unfit = (message: string) => misconfigured([{ option: 'store', message }])

/** Every procedure that this version calls. A newer version's stand beside them. */
const procedures = ['open_v1', 'renew_v1', 'attempt_v1', 'end_v1', 'close_v1', 'release_v1', 'sweep_v1']

/** Refuses a database without the schema, and one that is read only. */
export async function checkPostgres(run: RunSql, schema: string): Promise<void> {
  const {
    version,
    read_only: readOnly,
    present,
  } = await run(
    `SELECT current_setting('server_version_num')::int AS version,
      pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS read_only,
      (SELECT count(DISTINCT proname)::int FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
        WHERE nspname = $1 AND proname = ANY ($2)) AS present`,
    [schema, procedures],
  )
  if (!(Number(version) >= 120_000)) throw unfit('Postgres 12 or later is needed')
  if (readOnly !== false) throw unfit('Postgres is read only here: connect to the primary')
  if (Number(present) < procedures.length) throw unfit(`the schema ${schema} is not installed: run the SQL of postgresSchema()`)
}

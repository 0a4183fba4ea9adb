import { misconfigured } from '../errors.js'
import { procedures } from './postgres-procedures.js'
import { tables } from './postgres-tables.js'

/** Options of `postgresSchema`, and the schema that `postgresStore` looks in. */
export interface PostgresSchemaOptions {
  /** The schema that holds tables and procedures. Lower case letters, digits and `_`. Default: `phone_verify`. */
  readonly schema?: string | undefined
}

/** The schema's name, as an identifier. */
export function schemaName(options: PostgresSchemaOptions): string {
  const { schema = 'phone_verify' }: PostgresSchemaOptions = Object.assign(Object.create(null), options)
  if (typeof schema === 'string' && /^[a-z_][a-z0-9_]{0,62}$/.test(schema)) return schema
  const message = 'must be 1 to 63 lower case letters, digits and _, and begin with no digit'
  throw misconfigured([{ option: 'schema', message }])
}

/**
 * The SQL that installs what `postgresStore` needs: two tables, their indexes, and a procedure for each verb. Idempotent, safe to run at
 * every start and from several processes at once; run it as one statement, by a role that may create in the schema. Postgres 12 or later.
 *
 * @returns SQL statements, separated by semicolons
 * @throws `ERR_PV_CONFIGURATION` when the schema's name is wrong
 * @example
 * ```ts
 * import { Pool } from 'pg'
 * import { postgresSchema } from 'phone-verify/store/postgres'
 *
 * await new Pool().query(postgresSchema())
 * ```
 */
export function postgresSchema(options: PostgresSchemaOptions = {}): string {
  const name = schemaName(options)
  // Two processes that install at once would both create: the second waits. The lock ends with the statement.
  const alone = `SELECT pg_advisory_xact_lock(hashtextextended('${name}.schema', 0));`
  return [alone, ...[tables, procedures].map((sql) => sql.replaceAll('%', name))].join('\n')
}

import type { Pool } from 'pg'
import { postgresStore } from 'phone-verify/store/postgres'
import { hashesOf, type Pressed } from '../mould.js'

/** Fills the tables of a schema with the rows that one real open wrote, so often, each with hashes of its own. */
export async function createPostgresLoad(pool: Pool, schema: string, { record, quotas }: Pressed) {
  const opened = await postgresStore(pool, { schema }).open(record, quotas)
  if (opened.status !== 'opened') throw new Error(`the store answered ${opened.status}`)
  const hashes = hashesOf({ record, quotas })
  const names = (await pool.query('SELECT tablename FROM pg_tables WHERE schemaname = $1', [schema])).rows.map(({ tablename }) => tablename)

  const tables: { name: string; columns: string; rows: Record<string, unknown>[] }[] = []
  for (const name of names) {
    const found = await pool.query(`SELECT * FROM ${schema}.${name}`)
    tables.push({ name, columns: found.fields.map((field) => field.name).join(', '), rows: found.rows })
  }
  const unload = async () => {
    await pool.query(`TRUNCATE ${names.map((name) => `${schema}.${name}`).join(', ')}`)
  }
  await unload()

  /** The value of a column, with the hash of the nth copy in place of the one that was seen. */
  const expression = (value: unknown, parameters: unknown[]) => {
    parameters.push(value)
    const given = `$${parameters.length}`
    const hash = typeof value === 'string' ? hashes.find((one) => value.includes(one)) : undefined
    if (hash === undefined) return given
    parameters.push(hash)
    return `replace(${given}::text, $${parameters.length}::text, substr(md5('${schema}' || n), 1, 22))`
  }
  const isChallenge = (row: Record<string, unknown>) => Object.values(row).includes(record.id)

  const load = async (wanted: boolean, from: number, to: number) => {
    for (const { name, columns, rows } of tables) {
      for (const row of rows.filter((one) => isChallenge(one) === wanted)) {
        const parameters: unknown[] = [from, to - 1]
        const values = Object.values(row).map((value) => expression(value, parameters))
        await pool.query(
          `INSERT INTO ${schema}.${name} (${columns}) SELECT ${values.join(', ')} FROM generate_series($1::int, $2::int) AS n`,
          parameters,
        )
      }
    }
    await pool.query(`ANALYZE ${names.map((name) => `${schema}.${name}`).join(', ')}`)
  }
  return {
    challenges: (from: number, to: number) => load(true, from, to),
    quotas: (from: number, to: number) => load(false, from, to),
    async usedBytes() {
      const sizes = names.map((name) => `pg_total_relation_size('${schema}.${name}')`)
      return Number((await pool.query(`SELECT ${sizes.join(' + ')} AS bytes`)).rows[0].bytes)
    },
    unload,
  }
}

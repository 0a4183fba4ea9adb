import { AsyncLocalStorage } from 'node:async_hooks'
import type { Sql, Transaction } from '../service/database.js'
import type { Parts } from '../service/parts.js'

/** What an organization may change of itself. */
export interface Settings {
  readonly name: string
  readonly template: string
  readonly codeLength: number
  readonly codeSeconds: number
  readonly sendsPerHour: number
  readonly sendsPerDay: number
}

export interface Organization extends Settings {
  readonly id: string
  readonly sealedAccount: string
  readonly suspendedAt: Date | null
}

export interface Organizations {
  /** The organization that a request is served for: undefined for one that is unknown or suspended. */
  serving(id: unknown): Promise<Organization | undefined>
  /** Suspended or not. */
  find(id: unknown): Promise<Organization | undefined>
  /** What `work` asks of organizations, however deep, is asked within the transaction: the embedded database has one connection. */
  within<Result>(transaction: Transaction, work: () => Promise<Result>): Promise<Result>
  /** Undefined where the id is taken. */
  add(organization: Omit<Organization, 'suspendedAt'>): Promise<Organization | undefined>
  /** Changes what is said. Undefined where there is no such organization. */
  change(id: unknown, change: { readonly [Name in keyof Organization]?: Organization[Name] | undefined }): Promise<Organization | undefined>
}

/** The column of each field. */
const columns = {
  name: 'name',
  template: 'template',
  codeLength: 'code_length',
  codeSeconds: 'code_seconds',
  sendsPerHour: 'sends_per_hour',
  sendsPerDay: 'sends_per_day',
  id: 'id',
  sealedAccount: 'sealed_account',
  suspendedAt: 'suspended_at',
} as const satisfies Readonly<Record<keyof Organization, string>>

const fields = Object.entries(columns)
const selected = fields.map(([field, column]) => `${column} AS "${field}"`).join(', ')

export function createOrganizations({ database, now }: Pick<Parts, 'database' | 'now'>): Organizations {
  const joined = new AsyncLocalStorage<Sql>()

  const find: Organizations['find'] = async (id) => {
    const sql = joined.getStore() ?? database
    const [found] = await sql.query<Organization>(`SELECT ${selected} FROM organization WHERE id = $1`, [id])
    return found
  }

  return {
    find,
    within: (transaction, work) => joined.run(transaction, work),

    async serving(id) {
      // What is no id is nobody's, and no statement's business.
      if (typeof id !== 'string' || !/^[a-z][a-z0-9-]{1,31}$/.test(id)) return undefined
      const found = await find(id)
      return found?.suspendedAt === null ? found : undefined
    },

    async add(organization) {
      const names = fields.filter(([field]) => field in organization)
      const places = names.map((_, index) => `$${index + 2}`)
      const [added] = await database.query<Organization>(
        `INSERT INTO organization (created_at, ${names.map(([, column]) => column).join(', ')}) VALUES ($1, ${places.join(', ')})
         ON CONFLICT DO NOTHING RETURNING ${selected}`,
        [new Date(now()), ...names.map(([field]) => organization[field as keyof typeof organization])],
      )
      return added
    },

    async change(id, change) {
      const said = fields.filter(([field]) => change[field as keyof Organization] !== undefined)
      if (said.length === 0) return find(id)
      const sets = said.map(([, column], index) => `${column} = $${index + 2}`)
      const [changed] = await database.query<Organization>(
        `UPDATE organization SET ${sets.join(', ')} WHERE id = $1 RETURNING ${selected}`,
        [id, ...said.map(([field]) => change[field as keyof Organization])],
      )
      return changed
    },
  }
}

import type { Pool } from 'pg'
import type { Guessed, Kept, Spent } from './kept.js'

interface Answer {
  readonly status: string
  readonly figure: string | null
  readonly digest?: string
}

/** Whatever Postgres has to say of a guess. Big numbers come as text. */
const statusOf = ({ status, figure, digest }: Answer): Guessed | Spent => {
  if (status === 'wrong') return { status, left: Number(figure) }
  if (status === 'limited') return { status, waitMs: Number(figure) }
  if (status === 'spent') return { status, left: Number(figure), digest: String(digest) }
  return { status } as Guessed
}

/** The floor's state in Postgres: one function call a step. */
export function postgresKept(pool: Pool, schema: string): Kept {
  const sql = {
    open: `SELECT * FROM ${schema}.open($1, $2, $3, $4, $5)`,
    undo: `SELECT ${schema}.undo($1, $2, $3, $4)`,
    guess: `SELECT * FROM ${schema}.guess($1, $2, $3, $4, $5)`,
    spend: `SELECT * FROM ${schema}.spend($1, $2, $3)`,
    win: `SELECT ${schema}.win($1, $2, $3) AS status`,
    redeem: `SELECT ${schema}.redeem($1) AS status`,
  }
  const ask = async (text: string, values: string[]) => (await pool.query(text, values)).rows[0]

  return {
    async open(id, digest, { phone, client, prefix }) {
      const { wait_ms: waitMs, next_ms: resendMs } = await ask(sql.open, [id, digest, phone, client, prefix])
      return { waitMs: Number(waitMs), resendMs: Number(resendMs) }
    },
    async undo(id, { phone, client, prefix }) {
      await ask(sql.undo, [id, phone, client, prefix])
    },
    guess: async (id, digest, { phone, client }, proofId) =>
      statusOf(await ask(sql.guess, [id, digest, phone, client, proofId])) as Guessed,
    spend: async (id, { phone, client }) => statusOf(await ask(sql.spend, [id, phone, client])) as Spent,
    win: async (id, { phone }, proofId) => (await ask(sql.win, [id, phone, proofId])).status,
    redeem: async (proofId) => (await ask(sql.redeem, [proofId])).status,
  }
}

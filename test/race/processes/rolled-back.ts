import { Pool, type PoolClient } from 'pg'
import type { Store } from 'phone-verify'
import { postgresStore } from 'phone-verify/store/postgres'
import { tally, wrongCodes } from '../races.js'
import { guess, limitless } from './crowd.js'
import { naiveOnPostgres } from './open-store.js'
import { type ControlledRace, differs, type Field, inRounds } from './race.js'
import { type Answer, visitorAt } from './visitor.js'

type MakeStore = (pool: Pool, transaction: PoolClient) => Store

/** Twenty wrong guesses while the application is inside a transaction, which it rolls back; then one more. */
async function guessAndRollBack({ own, crowd }: Field, makeStore: MakeStore) {
  const { place } = own
  const pool = new Pool({ connectionString: place.url, max: 3 })
  const application = await pool.connect()
  try {
    const { sessionToken, code, challenge } = await crowd.begin()
    const { ask } = await visitorAt(place, limitless, () => makeStore(pool, application))
    await application.query(`BEGIN; CREATE TABLE ${place.space}.order_of_the_application (id int)`)
    const [last = '', ...codes] = wrongCodes(code, 21)
    const answers: Answer[] = []
    for (const each of codes) answers.push(await ask(guess(sessionToken, each)))
    await application.query('ROLLBACK')
    const [after] = await crowd.inTurn([guess(sessionToken, last)])
    return { counts: tally(answers), after, challenge }
  } finally {
    application.release()
    await pool.end()
  }
}

export const rolledBack: ControlledRace = {
  title: "T-ATT-11: 20 guesses beside the application's transaction stay counted when that is rolled back",
  share: 10,
  control: /after the rollback "incorrect_code"/,
  run: inRounds(async (field, complain) => {
    const { place, attemptsLeft } = field.own
    // The control does what many do: it counts on the connection that the request's transaction has.
    const makeStore: MakeStore = (pool, application) =>
      place.naive ? naiveOnPostgres(application, place.space) : postgresStore(pool, { schema: place.space, timeoutMs: 60_000 })
    const { counts, after, challenge } = await guessAndRollBack(field, makeStore)
    differs('evaluated', counts['incorrect_code'], 5).forEach(complain)
    differs('too_many_attempts', counts['too_many_attempts'], 15).forEach(complain)
    differs('after the rollback', after?.reason, 'too_many_attempts').forEach(complain)
    if (!place.naive) differs('attempts left', await attemptsLeft(challenge), 0).forEach(complain)
  }),
}

export const insideTransaction: ControlledRace = {
  title: "T-ATT-11: a pool that hands out the application's transaction gets no guess evaluated",
  share: 10,
  control: /evaluated 5 instead of 0/,
  run: inRounds(async (field, complain) => {
    const { place } = field.own
    const makeStore: MakeStore = (_, application) => {
      const query = (sql: string, values: unknown[]) => application.query(sql, values)
      return place.naive
        ? naiveOnPostgres(application, place.space)
        : postgresStore({ totalCount: 1, connect: async () => ({ query, release() {} }) }, { schema: place.space, timeoutMs: 60_000 })
    }
    const { counts, after } = await guessAndRollBack(field, makeStore)
    differs('evaluated', counts['incorrect_code'] ?? 0, 0).forEach(complain)
    differs('errors', counts['ERR_PV_STORE'], 20).forEach(complain)
    differs('after the rollback', [after?.reason, after?.attemptsLeft], ['incorrect_code', 4]).forEach(complain)
  }),
}

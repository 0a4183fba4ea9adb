import type { Defect } from './defect.js'

const redis = (name: string) => ['store/redis.test.ts', `on Redis > ${name}`] as const
const postgres = (name: string) => ['store/postgres.test.ts', `on Postgres > ${name}`] as const
const contract = (sentence: string) => redis(`on a clock that stands: ${sentence}`)

/** Defects of the stores on servers. */
export const servers: readonly Defect[] = [
  {
    name: 'Redis: no fence, records of a server before its restart live on',
    file: 'store/redis-scripts.ts',
    find: ' or field[6] ~= run then return nil',
    replace: ' then return nil',
    caughtBy: redis('a challenge from before a restart or a failover is dead'),
  },
  {
    name: 'Redis: the clock of the client',
    file: 'store/redis-scripts.ts',
    find: "local time = redis.call('TIME')",
    replace: `local time = { \${Math.floor(Date.now() / 1000)}, 0 }`,
    caughtBy: contract('attempt MUST answer expired at the very millisecond the code ends.'),
  },
  {
    name: 'Redis: a script that was sent twice counts twice',
    file: 'store/redis-scripts.ts',
    find: 'if record.isOurs then',
    replace: 'if false then',
    caughtBy: redis('a script that a client sends twice > spends one attempt'),
  },
  {
    name: 'Redis: who closed cannot be told',
    file: 'store/redis-scripts.ts',
    find: "record.closer == call and 'closed' or 'already'",
    replace: "'already'",
    caughtBy: redis('a script that a client sends twice > closes'),
  },
  {
    name: 'Redis: an attempt count that is no number grants',
    file: 'store/redis-scripts.ts',
    find: 'return not (record.attempts >= 1 and record.attempts <= 100)',
    replace: 'return record.attempts < 1',
    caughtBy: redis('a record that something else wrote into > with'),
  },
  {
    name: 'Redis: a hit is written before the next quota is tested',
    file: 'store/redis-quotas.ts',
    find: 'local remaining, nextIn = weigh(key, read[which], max, window)',
    replace: "local remaining, nextIn = weigh(key, read[which], max, window)\n    if not room then redis.call('ZADD', key, now, call) end",
    caughtBy: contract('Every refusal MUST leave no trace'),
  },
  {
    name: 'Redis: a record without an end',
    file: 'store/redis-scripts.ts',
    find: "  redis.call('PEXPIREAT', KEYS[1], now + life)\n",
    replace: '',
    caughtBy: redis('every key has a time to live'),
  },
  {
    name: 'Redis: a script that the server forgot is not told again',
    file: 'store/redis-client.ts',
    find: 'if (isNoScript(error)) return',
    replace: 'if (isNoScript(undefined)) return',
    caughtBy: redis('a server that forgot its scripts'),
  },
  {
    name: 'Redis: a client that lost its server is still given commands',
    file: 'store/redis.ts',
    find: 'if (answered && !isConnected(client))',
    replace: 'if (false)',
    caughtBy: ['store/redis.test.ts', 'a client without its server > is asked while it connects'],
  },
  {
    name: "Postgres: a verb joins the application's transaction",
    file: 'store/postgres-procedures.ts',
    find: '      room := taken.room;\n    END IF;\n  END IF;\n  COMMIT;\nEND $$;\n\n-- Without a COMMIT',
    replace: '      room := taken.room;\n    END IF;\n  END IF;\nEND $$;\n\n-- Without a COMMIT',
    caughtBy: postgres('inside a transaction of the application'),
  },
  {
    name: 'Postgres: the session chooses the isolation',
    file: 'store/postgres-procedures.ts',
    find: "IF current_setting('transaction_isolation') <> 'read committed' THEN",
    replace: 'IF false THEN',
    caughtBy: postgres('a default isolation of'),
  },
  {
    name: 'Postgres: nothing is locked between count and hit',
    file: 'store/postgres-procedures.ts',
    find: `  FOREACH lock IN ARRAY locks LOOP
    PERFORM pg_advisory_xact_lock(lock);
  END LOOP;\``,
    replace: '`',
    caughtBy: postgres('a default isolation of'),
  },
  {
    name: 'Postgres: keys are locked in the order given',
    file: 'store/postgres-values.ts',
    find: '.sort((a, b) => a - b))',
    replace: ')',
    caughtBy: postgres('two calls with the same keys in two orders'),
  },
  {
    name: 'Postgres: every failure is tried again',
    file: 'store/postgres-client.ts',
    find: "['40001', '40P01'].includes(",
    replace: "((code: string) => code !== '')(",
    caughtBy: postgres('a transaction that the server rolls back'),
  },
  {
    name: 'Postgres: what waited too long for a connection is done all the same',
    file: 'store/postgres-client.ts',
    find: 'if (isOver) return connection.release()',
    replace: 'if (isOver) return connection.query(sql, [...values]).then(() => connection.release())',
    caughtBy: postgres('a caller that was refused for want of a connection'),
  },
  {
    name: 'Postgres: later hits stay where they are when one is released',
    file: 'store/postgres-tables.ts',
    find: 'SET place = later.place - 1 WHERE',
    replace: 'SET place = later.place WHERE',
    caughtBy: postgres('a hit that is released makes room'),
  },
  {
    name: 'Postgres: a transaction is taken on trust',
    file: 'store/postgres-transaction.ts',
    find: "'25P01' ? notOpen() : error",
    replace: "'none' ? notOpen() : error",
    caughtBy: postgres('a close within the application’s transaction > is refused'),
  },
]

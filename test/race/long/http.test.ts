import { describe } from 'vitest'
import { describeWith } from '../../fixtures/services.js'
import { memoryField } from '../http/memory-field.js'
import { processField, serverProcesses } from '../http/process-field.js'
import { httpRaceTests } from '../http/race-tests.js'

/** Eight races of a server share them. */
const rounds = Math.ceil(Number(process.env['RACE_ROUNDS'] ?? 1_000) / 8)

const servers = serverProcesses()

describe('over HTTP, in memory', () => httpRaceTests(memoryField(), rounds))

describeWith('over HTTP, on Redis', 'redis', ({ redis: url }) => httpRaceTests(processField(servers, 'redis', url), rounds))

describeWith('over HTTP, on Postgres', 'postgres', ({ postgres: url }) => httpRaceTests(processField(servers, 'postgres', url), rounds))

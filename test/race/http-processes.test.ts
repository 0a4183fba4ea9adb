import { describeWith } from '../fixtures/services.js'
import { processField, serverProcesses } from './http/process-field.js'
import { httpRacesAreCaught, httpRaceTests } from './http/race-tests.js'

// Two server processes, half of the sockets to each, on one store; the control through one framework. The full counts are in test:races.
const servers = serverProcesses()

describeWith('over HTTP, on Redis', 'redis', ({ redis: url }) => httpRaceTests(processField(servers, 'redis', url), 1))

describeWith('over HTTP, on Postgres', 'postgres', ({ postgres: url }) => httpRaceTests(processField(servers, 'postgres', url), 1))

describeWith('over HTTP, GET, compare, SET on Redis', 'redis', ({ redis: url }) =>
  httpRacesAreCaught(processField(servers, 'redis', url, true), ['express']),
)

describeWith('over HTTP, SELECT, compare, UPDATE on Postgres', 'postgres', ({ postgres: url }) =>
  httpRacesAreCaught(processField(servers, 'postgres', url, true), ['express']),
)

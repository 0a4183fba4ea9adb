import { describe } from 'vitest'
import { memoryField } from './http/memory-field.js'
import { httpRacesAreCaught, httpRaceTests } from './http/race-tests.js'

// Raw sockets, so that nothing between the race and the server waits for anything. The full counts are in test:races.
describe('over HTTP, in memory', () => httpRaceTests(memoryField(), 2))

describe('over HTTP, in memory that is read, compared and written', () => httpRacesAreCaught(memoryField(true)))

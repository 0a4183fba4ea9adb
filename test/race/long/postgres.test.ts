import { describeWith } from '../../fixtures/services.js'
import { longRaces } from './long-races.js'

describeWith('on Postgres', 'postgres', ({ postgres: url }) => longRaces('postgres', url))

import { describeWith } from '../../fixtures/services.js'
import { longRaces } from './long-races.js'

describeWith('on Redis', 'redis', ({ redis: url }) => longRaces('redis', url))

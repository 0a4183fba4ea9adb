import { rolloutSuite } from './rollout-suite.js'

rolloutSuite(500)

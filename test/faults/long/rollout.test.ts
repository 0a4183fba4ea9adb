import { rolloutSuite } from '../rollout-suite.js'

rolloutSuite(10_000)

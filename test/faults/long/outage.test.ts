import { outageSuite } from '../outage-suite.js'

outageSuite({ pausedMs: 10_000, calls: 3_000 })

import { outageSuite } from './outage-suite.js'

outageSuite({ pausedMs: 1_200, calls: 200, deadlines: { send: 1_500, verify: 1_400, redeem: 1_300 } })

import { killSuite } from './kill-suite.js'

killSuite({ times: 1, step: 3 })

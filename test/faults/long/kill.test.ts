import { killSuite } from '../kill-suite.js'

killSuite({ times: 6, step: 1 })

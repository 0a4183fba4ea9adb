import { crashSuite } from '../crash-suite.js'

crashSuite({ redis: 200, postgres: 30 })

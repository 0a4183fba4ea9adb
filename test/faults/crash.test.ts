import { crashSuite } from './crash-suite.js'

crashSuite({ redis: 3, postgres: 2 })

import { revivalSuite } from '../revival-suite.js'

revivalSuite(100)

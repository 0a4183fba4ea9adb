import { runService } from '../service/run-service.js'
import { buildApp } from './app.js'

await runService('two-factor', buildApp)

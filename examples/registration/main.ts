import { runService } from '../service/run-service.js'
import { buildApp } from './app.js'
import { readOptions } from './options.js'

await runService('registration', (parts) => buildApp(parts, readOptions(process.env)))

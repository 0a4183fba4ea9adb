import { runCommand } from '../run-command.js'
import { allowListCommand } from './command.js'

await runCommand(allowListCommand)

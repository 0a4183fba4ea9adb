import { runCommand } from '../run-command.js'
import { staffCommand } from './command.js'

await runCommand(staffCommand)

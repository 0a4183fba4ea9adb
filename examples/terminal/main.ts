import { createInterface } from 'node:readline/promises'
import { setTimeout } from 'node:timers/promises'
import { fakeClock } from 'phone-verify/testing'
import { converse } from './conversation.js'
import { createDemo } from './demo.js'
import { openBackend } from './open-backend.js'
import { openStore } from './open-store.js'
import { type DemoOptions, readOptions, usage } from './options.js'
import { scriptedTerminal } from './script.js'
import { interactiveTerminal } from './terminal.js'

const write = (text: string) => void process.stdout.write(text)

/** One conversation, with a person or with a script. Resolves to the exit code. */
async function run(options: DemoOptions): Promise<number> {
  const interactive = process.stdin.isTTY === true
  // No script waits half a minute for a resend: it moves a clock of its own. A server's clock it cannot move.
  const script = interactive ? undefined : fakeClock()
  const { store, hasOwnTime, close } = await openStore(options, script?.now)
  const clock = hasOwnTime ? undefined : script
  try {
    const backend = await openBackend(options.backend, write)
    const demo = createDemo(options, { store, backend, now: clock?.now })
    const prompter = createInterface({ input: process.stdin, ...(interactive && { output: process.stdout }) })
    const leave = () => prompter.close()
    process.once('SIGINT', leave)
    const wait = (ms: number) => (clock === undefined ? setTimeout(ms) : clock.advance(ms))
    const terminal = interactive
      ? interactiveTerminal(prompter, write)
      : scriptedTerminal({ lines: prompter[Symbol.asyncIterator](), write, wait, phone: demo.phone })
    try {
      await demo.verifier.ready()
      const verified = await converse(demo, terminal)
      // A person may leave at any time; a script that verified nothing has failed.
      return verified || interactive ? 0 : 1
    } finally {
      process.off('SIGINT', leave)
      prompter.close()
      await demo.verifier.close()
      await backend.close()
    }
  } finally {
    await close()
  }
}

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2))
    if (!options.help) return await run(options)
    write(usage)
    return 0
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
}

process.exitCode = await main()

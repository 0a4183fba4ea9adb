import { parseArgs } from 'node:util'

/** What the command line says. */
export interface DemoOptions {
  readonly help: boolean
  /** How a number without `+` is read: an ISO 3166-1 alpha-2 code. */
  readonly country: string | undefined
  readonly purpose: string
  /** Life of a code in milliseconds; the purpose's own where absent. */
  readonly ttlMs: number | undefined
  readonly resend: 'same' | 'new'
  readonly store: 'memory' | 'redis' | 'postgres' | 'keyv'
  readonly backend: 'console' | 'twilio' | 'vonage'
  /** Where the store's server is; the store's own default where absent. */
  readonly url: string | undefined
}

export const usage = `Usage: npm run demo -- [options]

  --country <code>    read numbers without + as numbers of this country, FR for example
  --purpose <name>    why the phone is verified: login (default), registration, payment, or a name of your own
  --ttl <seconds>     how long a code is good: 60 to 600
  --resend same|new   whether a resend repeats the code (default) or makes a new one
  --store <name>      memory (default), redis, postgres or keyv
  --url <url>         where the store's server is: REDIS_URL or DATABASE_URL if absent, else this machine
  --backend <name>    console (default), twilio or vonage: by its SDK, to a carrier on this machine or,
                      with TWILIO_… or VONAGE_… in the environment, to the real one
  --help              show this text

With standard input piped, lines are read as a script: see examples/terminal/README.md.
`

const flags = {
  country: { type: 'string' },
  purpose: { type: 'string', default: 'login' },
  ttl: { type: 'string' },
  resend: { type: 'string', default: 'same' },
  store: { type: 'string', default: 'memory' },
  url: { type: 'string' },
  backend: { type: 'string', default: 'console' },
  help: { type: 'boolean', default: false },
} as const

const isBackend = (name: string): name is DemoOptions['backend'] => ['console', 'twilio', 'vonage'].includes(name)

const isStore = (name: string): name is DemoOptions['store'] => ['memory', 'redis', 'postgres', 'keyv'].includes(name)

/** Reads the arguments after the script's name. Throws an error whose message is for the person who typed them. */
export function readOptions(args: readonly string[]): DemoOptions {
  const { country, purpose, ttl, resend, store, url, backend, help } = parseArgs({ args: [...args], options: flags }).values
  if (resend !== 'same' && resend !== 'new') throw new Error(`--resend is same or new, not ${resend}`)
  if (!isStore(store)) throw new Error(`--store is memory, redis, postgres or keyv, not ${store}`)
  if (!isBackend(backend)) throw new Error(`--backend is console, twilio or vonage, not ${backend}`)
  return { help, country: country?.toUpperCase(), purpose, ttlMs: milliseconds(ttl), resend, store, url, backend }
}

function milliseconds(ttl: string | undefined): number | undefined {
  if (ttl === undefined) return undefined
  const seconds = /^\d{1,3}$/.test(ttl) ? Number(ttl) : 0
  if (seconds < 60 || seconds > 600) throw new Error(`--ttl is 60 to 600 seconds, not ${ttl}`)
  return seconds * 1_000
}

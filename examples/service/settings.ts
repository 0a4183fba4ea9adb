import { join } from 'node:path'
import { z } from 'zod'

/** What the environment says of a service. */
export interface Settings {
  readonly port: number
  /** Where visitors reach it: links in texts, the origin that forms may come from, `Secure` cookies. */
  readonly publicUrl: URL
  /** A Postgres server; without one, an embedded database in `dataDir`. */
  readonly databaseUrl: string | undefined
  readonly dataDir: string
  /** A Redis for verification; without one, it lives in the database. */
  readonly redisUrl: string | undefined
  /** How many proxies of yours every request passes. */
  readonly trustedProxies: number
  readonly isProduction: boolean
  readonly secrets: { readonly verification: string | undefined; readonly tokens: string | undefined }
  readonly twilio: { readonly accountSid: string; readonly authToken: string; readonly from: string; readonly baseUrl?: string } | undefined
  readonly vonage: { readonly apiKey: string; readonly apiSecret: string; readonly from: string; readonly baseUrl?: string } | undefined
}

const whole = (max: number) => z.coerce.number().int().min(0).max(max)
const secret = z.string().min(32).optional()
const text = z.string().optional()

const environment = z.object({
  PORT: whole(65_535).default(3000),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  DATA_DIR: text,
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  TRUSTED_PROXIES: whole(20).default(0),
  NODE_ENV: text,
  PHONE_VERIFY_SECRET: secret,
  TOKEN_SECRET: secret,
  TWILIO_ACCOUNT_SID: text,
  TWILIO_AUTH_TOKEN: text,
  TWILIO_FROM: text,
  TWILIO_BASE_URL: z.url().optional(),
  VONAGE_API_KEY: text,
  VONAGE_API_SECRET: text,
  VONAGE_FROM: text,
  VONAGE_BASE_URL: z.url().optional(),
})

const accounts = [
  ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM'],
  ['VONAGE_API_KEY', 'VONAGE_API_SECRET', 'VONAGE_FROM'],
] as const

/** What must be set beside what is. */
function missing(env: Readonly<Record<string, unknown>>): readonly string[] {
  // Half an account is a mistake, not the console.
  const begun = accounts.filter((account) => account.some((name) => name in env))
  // In production the console would print codes into a log, and a guessed address would refuse every form.
  const needed = env['NODE_ENV'] === 'production' ? ['PUBLIC_URL', ...(begun.length === 0 ? accounts[0] : [])] : []
  return [...begun.flat(), ...needed].filter((name) => !(name in env))
}

/**
 * Reads the environment of a service. A variable that is set and empty is not set.
 *
 * @throws an error that names every variable that is wrong or missing, and shows the value of none
 */
export function readSettings(name: string, env: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value))
  const read = environment.safeParse(given)
  const wrong = [...(read.error?.issues.map(({ path }) => path.join('.')) ?? []), ...missing(given)]
  if (!read.success || wrong.length > 0) throw new Error(`these variables are wrong or missing: ${[...new Set(wrong)].join(', ')}`)
  const said = read.data
  return {
    port: said.PORT,
    publicUrl: new URL(said.PUBLIC_URL ?? `http://localhost:${said.PORT}`),
    databaseUrl: said.DATABASE_URL,
    dataDir: said.DATA_DIR ?? join('.data', name),
    redisUrl: said.REDIS_URL,
    trustedProxies: said.TRUSTED_PROXIES,
    isProduction: said.NODE_ENV === 'production',
    secrets: { verification: said.PHONE_VERIFY_SECRET, tokens: said.TOKEN_SECRET },
    twilio: account(
      { accountSid: said.TWILIO_ACCOUNT_SID, authToken: said.TWILIO_AUTH_TOKEN, from: said.TWILIO_FROM },
      said.TWILIO_BASE_URL,
    ),
    vonage: account({ apiKey: said.VONAGE_API_KEY, apiSecret: said.VONAGE_API_SECRET, from: said.VONAGE_FROM }, said.VONAGE_BASE_URL),
  }
}

type Complete<Account> = { readonly [Key in keyof Account]: string } & { readonly baseUrl?: string }

const isComplete = <Account extends object>(said: Account): said is Account & { readonly [Key in keyof Account]: string } =>
  Object.values(said).every((value) => value !== undefined)

const account = <Account extends object>(said: Account, baseUrl: string | undefined): Complete<Account> | undefined =>
  isComplete(said) ? { ...said, ...(baseUrl !== undefined && { baseUrl }) } : undefined

/** One person who verifies a phone. */
export interface Visit {
  /** As it comes from a form: E.164. */
  readonly phone: string
  readonly ip: string
}

/** Whoever is measured. Each step throws unless it ends as it should, so that no figure is that of a refusal. */
export interface Contestant {
  /** Resolves to the session token. */
  send(visit: Visit): Promise<string>
  wrongGuess(token: string, code: string, visit: Visit): Promise<void>
  /** Resolves to the proof. */
  rightGuess(token: string, code: string, visit: Visit): Promise<string>
  /** Resolves to the phone that was verified. */
  redeem(proof: string): Promise<string>
  /** Drops everything that was kept. */
  end(): Promise<void>
}

/** The same carrier for all: it takes the text and says nothing. */
export type Carrier = (to: string, text: string, code: string) => Promise<void>

/** Makes a contestant with nothing pending and no limit used. */
export type Enter = (carrier: Carrier) => Contestant

/** What everybody is told of the application. */
export const app = {
  name: 'Acme',
  secret: 'Zq3mXw8vR1tYc6uNpK5eJd0hLbGsFaTi',
  countries: ['US', 'FR', 'GB', 'DE'],
  purpose: 'login',
} as const

/** The brake of a whole tenant would stop a benchmark after 200 sends: the same windows, far wider. */
export const sendsPerTenant = [
  { max: 100_000_000, windowMs: 3_600_000 },
  { max: 1_000_000_000, windowMs: 86_400_000 },
] as const

/** Every step of every contestant ends as it should, or nothing is measured. */
export function expect(holds: boolean, what: string, got: unknown): asserts holds {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(got)}`)
}

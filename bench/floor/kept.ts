/** What stands for a phone, a client and a block of numbers in the keys of limits. */
export interface Hashes {
  readonly phone: string
  readonly client: string
}

export interface SendHashes extends Hashes {
  readonly prefix: string
}

export type Refusal = 'expired' | 'already_used' | 'too_many_attempts'

/** Answers of the server: `waitMs` until there is room again. */
export type Opened = { readonly waitMs: number; readonly resendMs: number }
export type Guessed =
  | { readonly status: 'right' }
  | { readonly status: 'wrong'; readonly left: number }
  | { readonly status: 'limited'; readonly waitMs: number }
  | { readonly status: Refusal }
export type Spent =
  | { readonly status: 'spent'; readonly left: number; readonly digest: string }
  | { readonly status: 'limited'; readonly waitMs: number }
  | { readonly status: Refusal }

/** What the floor keeps on a server: each of these is one call, and one atomic step. */
export interface Kept {
  open(id: string, digest: string, hashes: SendHashes): Promise<Opened>
  /** Takes back what `open` did: nothing was sent. */
  undo(id: string, hashes: SendHashes): Promise<void>
  /** Spends, compares and wins on the server, in one step. */
  guess(id: string, digest: string, hashes: Hashes, proofId: string): Promise<Guessed>
  /** The same in two steps: spends and reveals, for a comparison in constant time here, and wins. */
  spend(id: string, hashes: Hashes): Promise<Spent>
  win(id: string, hashes: Hashes, proofId: string): Promise<'won' | Refusal>
  redeem(proofId: string): Promise<'redeemed' | 'already_redeemed' | 'expired'>
}

/** A request as the endpoints see it, whichever framework received it. */
export interface WireRequest {
  readonly method: string
  /** Below the base path, as sent: `/send`. */
  readonly path: string
  /** Behind the question mark, as sent. */
  readonly query: string
  /** A header by its name in lower case. One that came several times is one list (RFC 9110 §5.3). */
  header(name: string): string | undefined
  /** The address at the other end of the connection, where the framework knows it. */
  readonly peer: string | undefined
  /** Reads the body, up to so many bytes. */
  body(maxBytes: number): Promise<WireBody>
  /** Aborted when the visitor has gone. A function makes it when somebody asks. */
  readonly signal?: AbortSignal | (() => AbortSignal) | undefined
  /** Serverless platforms: keeps what goes on after the reply alive. */
  readonly waitUntil?: ((work: Promise<void>) => void) | undefined
}

/** What a body came to: its bytes, or what the host made of them before us, or why it did not come. */
export type WireBody =
  | { readonly bytes: Uint8Array }
  | { readonly parsed: unknown }
  | { readonly failed: 'content_too_large' | 'request_timeout' | 'aborted' }

/** How long a body is waited for: one that takes longer is not worth it. */
export const patienceMs = 10_000

/** Headers by their names in lower case. */
export type WireHeaders = Readonly<Record<string, string | string[]>>

export interface WireReply {
  readonly status: number
  readonly headers: WireHeaders
  /** None with 204. */
  readonly body?: string | undefined
}

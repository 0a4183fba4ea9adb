interface CryptoGlobal {
  readonly crypto?: { randomUUID?(): string }
}

let made = 0

/**
 * A key for one send. Pages without TLS and React Native have no `randomUUID`. There the clock and a number will do: the server reads a key
 * together with the phone and the client, so it need not be secret, and no two sends of one client have the same.
 */
export function makeIdempotencyKey(): string {
  const { crypto } = globalThis as unknown as CryptoGlobal
  made += 1
  return crypto?.randomUUID?.() ?? `${Date.now().toString(36)}-${made}`
}

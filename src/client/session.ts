import { objectOf } from './json-object.js'
import type { PhonePending } from './outcomes.js'

/** `sessionStorage`, or whatever else answers at once. */
export interface PhoneClientStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** What is held between send and verify. The phone is not: the token carries it, encrypted. */
export interface Session extends PhonePending {
  readonly sessionToken: string
}

export interface SessionKeeper {
  read(): Session | undefined
  write(session: Session): void
  clear(): void
}

/** Keeps the session in the storage, or in memory where there is none, and from the first time that it throws. */
export function createSessionKeeper(given: PhoneClientStorage | null | undefined, key: string): SessionKeeper {
  let storage = given === undefined ? tabStorage() : given
  let held: string | null = null
  const attempt = (act: (storage: PhoneClientStorage) => void) => {
    try {
      if (storage) act(storage)
    } catch {
      storage = null
    }
  }

  return {
    read() {
      // Asked each time: another client of this page may have gone on.
      attempt((place) => {
        held = place.getItem(key)
      })
      return sessionOf(objectOf(held ?? ''))
    },
    write(session) {
      const text = JSON.stringify(session)
      attempt((place) => place.setItem(key, text))
      held = text
    },
    clear() {
      attempt((place) => place.removeItem(key))
      held = null
    },
  }
}

/** A session, from what the server replied or from what was kept: both write instants alike. */
export function sessionOf(fields: Readonly<Record<string, unknown>> | undefined): Session | undefined {
  if (fields === undefined) return undefined
  const { sessionToken } = fields
  const [expiresAt, resendAt] = [instantOf(fields['expiresAt']), instantOf(fields['resendAt'])]
  return typeof sessionToken === 'string' && expiresAt && resendAt ? { sessionToken, expiresAt, resendAt } : undefined
}

/** The same instants by a clock that is ahead of the server's: a device whose clock is wrong counts down right. */
export function onClock({ sessionToken, expiresAt, resendAt }: Session, ms: number): Session {
  return { sessionToken, expiresAt: new Date(expiresAt.getTime() + ms), resendAt: new Date(resendAt.getTime() + ms) }
}

/** An instant in ISO 8601. */
export function instantOf(value: unknown): Date | undefined {
  const instant = new Date(typeof value === 'string' ? value : '')
  return Number.isNaN(instant.getTime()) ? undefined : instant
}

/** A page that may not store is told so by an exception. */
function tabStorage(): PhoneClientStorage | null {
  try {
    return (globalThis as { readonly sessionStorage?: PhoneClientStorage }).sessionStorage ?? null
  } catch {
    return null
  }
}

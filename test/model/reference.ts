import { createCounted, keysOf, type Limits } from './counted.js'
import { createHits, type Quota } from './hits.js'

/** What a code or a proof is issued for. */
export interface Bound {
  readonly tenant: string | undefined
  readonly purpose: string
  readonly subject: string | undefined
  readonly payload: Readonly<Record<string, string>> | undefined
}

/** What is named when a code or a proof comes back. */
export type Named = Bound & { readonly phone: string | undefined }

export interface Rules {
  readonly ttlMs: number
  readonly proofTtlMs: number
  readonly codeLength: number
  readonly maxAttempts: number
  readonly resend: 'same' | 'new'
  readonly subject: 'compare' | 'return'
  readonly ledger: 'phone' | 'subject'
}

export interface Challenge extends Bound {
  readonly phone: string
  readonly rules: Rules
  readonly secret: string
  readonly endsAt: number
  codeEndsAt: number
  attemptsLeft: number
  closed: boolean
  /** The one code that opens it. Nobody knows a code that was lost on its way. */
  code: string | undefined
}

/** What a secret has sealed: a session token, or a proof. */
export interface Sealed {
  readonly challenge: Challenge
  readonly secret: string
}

export interface Proof extends Sealed {
  readonly expiresAt: number
  redeemed: boolean
}

/** Who asks for an SMS, what the application says to it and what the provider does with it. */
export interface Asked {
  readonly client: string | undefined
  readonly admitted: boolean
  readonly sms: 'accepted' | 'unknown' | 'refused' | 'unavailable' | 'configuration'
}

export interface World {
  readonly start: number
  readonly secret: string
  readonly purposes: readonly string[]
  /** Nothing for a tenant that is not known. */
  readonly rulesOf: (bound: Bound) => Rules | undefined
  readonly limits: Limits
}

const lifeMs = 600_000
const tooLateMs = 60_000
const no = (reason: string) => ({ ok: false, reason })

const verified = ({ phone, purpose, tenant, subject, payload }: Challenge) => ({
  ...{ ok: true, phone, purpose },
  ...(tenant !== undefined && { tenant }),
  ...(subject !== undefined && { subject }),
  ...(payload !== undefined && { payload }),
})

const isSubject = ({ subject, rules }: Challenge, named: string | undefined) =>
  named === subject || (rules.subject === 'return' && named === undefined)

const isBound = (challenge: Challenge, { tenant, purpose, subject, payload, phone = challenge.phone }: Named) => {
  const isSame = tenant === challenge.tenant && purpose === challenge.purpose && phone === challenge.phone
  return isSame && isSubject(challenge, subject) && JSON.stringify(payload) === JSON.stringify(challenge.payload)
}

/** What is promised, as plain data that one caller at a time touches: what a verifier answers to any sequence of calls. */
export const createReference = ({ start, secret, purposes, rulesOf, limits }: World) => {
  let now = start
  let live: readonly string[] = [secret]
  const hits = createHits(() => now)
  const counted = createCounted(limits)
  const challenges: Challenge[] = []
  const tokens: Sealed[] = []
  const proofs: Proof[] = []

  const maker = () => live[0] as string
  const isLive = (sealed: { readonly secret: string }) => live.includes(sealed.secret)
  const opened = (token: Sealed | undefined) => (token && isLive(token) && isLive(token.challenge) ? token.challenge : undefined)

  /** The send is recorded and its quotas are taken: now the provider. */
  const dispatch = (challenge: Challenge, sms: Asked['sms'], quotas: readonly Quota[], first: boolean) => {
    if (sms === 'accepted' || sms === 'unknown') {
      tokens.push({ challenge, secret: maker() })
      const resendAt = new Date(now + hits.roomInMs(quotas.filter(({ limit }) => limit !== 'challengesPerPhone')))
      return {
        ok: true,
        expiresAt: new Date(challenge.codeEndsAt),
        resendAt,
        delivery: sms,
        limits: hits.states(quotas),
        policies: hits.policies(quotas),
      }
    }
    challenge.closed ||= first
    hits.giveBack(sms === 'refused' ? quotas.filter(counted.isCooldown) : quotas)
    if (sms === 'refused') return no('undeliverable')
    return { throws: sms === 'unavailable' ? 'ERR_PV_SMS_UNAVAILABLE' : 'ERR_PV_CONFIGURATION' }
  }

  return {
    ...{ challenges, tokens, proofs, hits },
    now: () => now,
    secrets: () => live,

    tick: (ms: number) => {
      now += ms
    },
    rotate: (secrets: readonly string[]) => {
      live = secrets
    },

    send(bound: Bound, to: { readonly phone: string } | { readonly refused: string }, { client, admitted, sms }: Asked) {
      const rules = rulesOf(bound)
      if (rules === undefined) return no('unknown_tenant')
      if ('refused' in to) return no(to.refused)
      if (!admitted) return no('blocked')
      const person = { ...bound, ...to, client }
      const quotas = [...counted.opening(person), ...counted.send(person)]
      const limited = hits.take(quotas)
      if (limited) return { ...no('rate_limited'), ...limited }
      const ends = { endsAt: now + lifeMs, codeEndsAt: now + rules.ttlMs }
      const fresh = { attemptsLeft: rules.maxAttempts, closed: false, code: undefined }
      const challenge = { ...bound, ...to, ...ends, ...fresh, rules, secret: maker() }
      challenges.push(challenge)
      return dispatch(challenge, sms, quotas, true)
    },

    resend(token: Sealed | undefined, { tenant, subject }: Pick<Bound, 'tenant' | 'subject'>, { client, admitted, sms }: Asked) {
      const challenge = opened(token)
      if (!challenge || tenant !== challenge.tenant || !isSubject(challenge, subject)) return no('invalid_session')
      if (challenge.endsAt - now < tooLateMs) return no('expired')
      if (!admitted) return no('blocked')
      if (challenge.closed) return no('already_used')
      if (challenge.attemptsLeft === 0) return no('too_many_attempts')
      const quotas = counted.send({ ...challenge, client })
      const limited = hits.take(quotas)
      if (limited) return { ...no('rate_limited'), ...limited }
      challenge.codeEndsAt = Math.min(challenge.endsAt, now + challenge.rules.ttlMs)
      // From here on no earlier code lives, whether the SMS leaves or not.
      if (challenge.rules.resend === 'new') challenge.code = undefined
      return dispatch(challenge, sms, quotas, false)
    },

    verify(token: Sealed | undefined, code: string, named: Named, client: string | undefined) {
      const challenge = opened(token)
      if (!challenge || !isBound(challenge, named)) return no('invalid_session')
      if (now >= challenge.endsAt) return no('expired')
      if (code.length !== challenge.rules.codeLength) return no('malformed_code')
      if (now >= challenge.codeEndsAt) return no('expired')
      if (challenge.closed) return no('already_used')
      if (challenge.attemptsLeft === 0) return no('too_many_attempts')
      const ledger = counted.ledger(challenge, challenge.rules.ledger)
      const limited = hits.take([...ledger, ...counted.checks({ ...challenge, client })])
      if (limited) return { ...no(limited.limit === 'failuresPerPhone' ? 'locked' : 'rate_limited'), ...limited }
      challenge.attemptsLeft -= 1
      if (code !== challenge.code) return { ...no('incorrect_code'), attemptsLeft: challenge.attemptsLeft }
      challenge.closed = true
      hits.forget(...keysOf(ledger))
      const expiresAt = now + challenge.rules.proofTtlMs
      proofs.push({ challenge, secret: maker(), expiresAt, redeemed: false })
      return { ...verified(challenge), proofExpiresAt: new Date(expiresAt), verifiedAt: new Date(now) }
    },

    redeem(proof: Proof | undefined, named: Named) {
      if (!proof || !isLive(proof) || !isBound(proof.challenge, named)) return no('invalid_proof')
      if (now >= proof.expiresAt) return no('expired')
      if (proof.redeemed) return no('already_redeemed')
      proof.redeemed = true
      return verified(proof.challenge)
    },

    unlock(who: Pick<Named, 'tenant' | 'subject'> & { readonly phone: string }, only: readonly string[] = purposes) {
      for (const purpose of only) {
        for (const by of ['phone', 'subject'] as const) hits.forget(...keysOf(counted.ledger({ ...who, purpose }, by)))
      }
    },

    /** The ledger stays: deleting an account is no free unlock. */
    forget(who: { readonly tenant: string | undefined; readonly phone: string }) {
      hits.forget(...keysOf(counted.perPhone(who)), ...purposes.flatMap((purpose) => keysOf(counted.opening({ ...who, purpose }))))
    },
  }
}

export type Reference = ReturnType<typeof createReference>

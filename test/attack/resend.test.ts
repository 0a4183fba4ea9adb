import { describe, expect, test } from 'vitest'
import { accepted, makeRig, named, phone, type RigOptions, unlimited } from '../fixtures/rig.js'

/** Ten digits, so that two codes are not the same by chance. */
const renewing: RigOptions = { limits: unlimited, codeLength: 10, purposes: { login: { resend: 'new' } } }
const repeating: RigOptions = { limits: unlimited }

describe("resend: 'same'", () => {
  test('the code is the one code, with the old token and with the new', async () => {
    for (const which of [0, 1]) {
      const { start, resend, verify, clock, lastCode } = makeRig(repeating)
      const { sessionToken, code } = await start()
      clock.advance(30_000)
      const again = accepted(await resend(sessionToken))
      expect(lastCode()).toBe(code)
      expect(named(await verify([sessionToken, again.sessionToken][which], code))).toBe('ok')
    }
  })
})

describe("resend: 'new'", () => {
  test('the old code is dead, with the old token and with the new, and the new one lives with both', async () => {
    for (const which of [0, 1]) {
      const { start, resend, verify, lastCode } = makeRig(renewing)
      const { sessionToken, code } = await start()
      const again = accepted(await resend(sessionToken))
      expect(lastCode()).not.toBe(code)
      const token = [sessionToken, again.sessionToken][which]
      expect(named(await verify(token, code))).toBe('incorrect_code 4')
      expect(named(await verify(token, lastCode()))).toBe('ok')
    }
  })

  test('an old token never makes an old code live again', async () => {
    const { start, resend, verify, outbox } = makeRig({ ...renewing, maxAttempts: 10 })
    const { sessionToken } = await start()
    for (let turn = 0; turn < 4; turn++) await resend(sessionToken)
    const codes = outbox.messages.map(({ code }) => code)
    expect(new Set(codes).size).toBe(5)
    for (const old of codes.slice(0, -1)) expect(named(await verify(sessionToken, old))).toMatch(/^incorrect_code/)
    expect(named(await verify(sessionToken, codes.at(-1)))).toBe('ok')
  })

  test('T-RSN-02: of resends at once exactly one code is alive, and it was sent', async () => {
    const { start, resend, verify, outbox } = makeRig({ ...renewing, maxAttempts: 10 })
    const { sessionToken } = await start()
    await Promise.all(Array.from({ length: 5 }, () => resend(sessionToken)))
    expect(outbox.messages).toHaveLength(6)
    const outcomes: string[] = []
    for (const { code } of outbox.messages) outcomes.push(named(await verify(sessionToken, code)))
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1)
    expect(outcomes[5]).toBe('ok')
  })

  test('T-RSN-02: a resend too many changes nothing', async () => {
    const { start, resend, verify, outbox, clock } = makeRig({ ...renewing, limits: {} })
    const { sessionToken, code } = await start()
    const early = await Promise.all(Array.from({ length: 5 }, () => resend(sessionToken)))
    expect(early.map(named)).toEqual(Array(5).fill('rate_limited sendsPerPhone'))
    expect(outbox.messages).toHaveLength(1)
    clock.advance(30_000)
    const due = await Promise.all(Array.from({ length: 5 }, () => resend(sessionToken)))
    expect(due.filter(({ ok }) => ok)).toHaveLength(1)
    expect(outbox.messages).toHaveLength(2)
    expect(named(await verify(sessionToken, code))).toBe('incorrect_code 4')
    expect(named(await verify(sessionToken, outbox.last()?.code))).toBe('ok')
  })

  test('a guess that was granted before the resend is judged by the code of its time, and no later one is', async () => {
    const { start, resend, verify, store } = makeRig(renewing)
    const { sessionToken, code } = await start()
    store.meddle('attempt', async (run) => {
      const granted = await run()
      store.meddle('attempt')
      await resend(sessionToken)
      return granted
    })
    const racing = await verify(sessionToken, code)
    expect(['ok', 'incorrect_code 4']).toContain(named(racing))
    expect(named(await verify(sessionToken, code))).not.toBe('ok')
  })
})

describe.each([
  ['same', repeating],
  ['new', renewing],
])("with resend: '%s'", (_, options) => {
  test('the code lives min(ttl, the rest of 600 s) anew', async () => {
    const { start, resend, verify, clock, lastCode } = makeRig(options)
    const { sessionToken } = await start()
    clock.advance(299_000)
    const first = accepted(await resend(sessionToken))
    expect(first.expiresAt.getTime()).toBe(clock.now() + 300_000)
    clock.advance(241_000)
    const second = accepted(await resend(first.sessionToken))
    expect(second.expiresAt.getTime()).toBe(clock.now() + 60_000)
    clock.advance(59_999)
    expect(named(await verify(sessionToken, lastCode()))).toBe('ok')
  })

  test('no attempt comes back, however often it is resent', async () => {
    const { start, resend, guessWrong } = makeRig(options)
    const sent = await start()
    const outcomes: string[] = []
    for (let turn = 0; turn < 5; turn++) {
      outcomes.push(...(await guessWrong(1, sent)))
      await resend(sent.sessionToken)
    }
    expect(outcomes).toEqual([4, 3, 2, 1, 0].map((left) => `incorrect_code ${left}`))
    expect(named(await resend(sent.sessionToken))).toBe('too_many_attempts')
  })

  test('T-RSN-03: a stranger who asks for the same phone does not touch the challenge of the victim, and is charged', async () => {
    const { start, resend, verify, send, clock } = makeRig({ ...options, limits: { sendsPerClient: [{ max: 2, windowMs: 3_600_000 }] } })
    const victim = await start({ subject: 'victim', client: { ip: '192.0.2.1' } })
    const stranger = { subject: 'stranger', client: { ip: '198.51.100.1' } }
    expect(named(await resend(victim.sessionToken, stranger))).toBe('invalid_session')
    clock.advance(30_000)
    const own = await start(stranger)
    expect(named(await send({ subject: 'victim' }))).toBe('rate_limited sendsPerPhone')
    clock.advance(60_000)
    expect(named(await resend(own.sessionToken, stranger))).toBe('ok')
    clock.advance(120_000)
    expect(named(await resend(own.sessionToken, stranger))).toBe('rate_limited sendsPerClient')
    expect(named(await verify(victim.sessionToken, victim.code, { subject: 'victim' }))).toBe('ok')
  })

  test('the quotas are taken and the SMS leaves together: as many sends as messages', async () => {
    const { start, resend, outbox } = makeRig({ ...options, limits: { ...unlimited, sendsPerPhone: [{ max: 3, windowMs: 3_600_000 }] } })
    const { sessionToken } = await start({ phone })
    const outcomes = await Promise.all(Array.from({ length: 20 }, async () => named(await resend(sessionToken))))
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(2)
    expect(outbox.messages).toHaveLength(3)
  })
})

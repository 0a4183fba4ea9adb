import { describe, expect, test } from 'vitest'
import { makePair } from '../fixtures/pair.js'
import { makeRig, named, phone, type Rig, type RigOptions, unlimited, wrong } from '../fixtures/rig.js'

/** Sends are not what is limited here: guesses are. */
const limits = { ...unlimited, failuresPerPhone: undefined, checksPerClient: undefined }
const minute = 60_000
const day = 24 * 60 * minute

const makeTarget = (options: RigOptions = {}) => makeRig({ limits, ...options })

/** Ten guesses to a challenge, so that the ledger is full before the cap on challenges is. */
const makeLedger = (options: RigOptions = {}) => makeTarget({ maxAttempts: 10, ...options })

/** So many wrong guesses at a challenge of their own. */
const burst = async (times: number, rig: Rig, asked: object = {}) => rig.guessWrong(times, await rig.start(asked), asked)

const count = (outcomes: readonly string[], prefix: string) => outcomes.filter((outcome) => outcome.startsWith(prefix)).length

describe('G1: at most maxAttempts guesses of a code are ever evaluated', () => {
  test('of a thousand wrong guesses at once five are evaluated', async () => {
    const { start, verify } = makeTarget({ limits: unlimited })
    const { sessionToken, code } = await start()
    const outcomes = await Promise.all(Array.from({ length: 1_000 }, async () => named(await verify(sessionToken, wrong(code)))))
    expect([count(outcomes, 'incorrect_code'), count(outcomes, 'too_many_attempts')]).toEqual([5, 995])
  })

  test('of a thousand right guesses at once one succeeds', async () => {
    const { start, verify } = makeTarget({ limits: unlimited })
    const { sessionToken, code } = await start()
    const outcomes = await Promise.all(Array.from({ length: 1_000 }, async () => named(await verify(sessionToken, code))))
    expect(count(outcomes, 'ok')).toBe(1)
    expect(count(outcomes, 'ok') + count(outcomes, 'already_used') + count(outcomes, 'too_many_attempts')).toBe(1_000)
  })

  test('an older copy of the token, and the token of a resend, guess at the same five', async () => {
    const { start, resend, verify, clock } = makeTarget({ limits: unlimited })
    const { sessionToken, code } = await start()
    clock.advance(minute)
    const again = await resend(sessionToken)
    const tokens = [sessionToken, again.ok ? again.sessionToken : '']
    const outcomes: string[] = []
    for (let guess = 0; guess < 8; guess++) outcomes.push(named(await verify(tokens[guess % 2], wrong(code))))
    expect(outcomes).toEqual([4, 3, 2, 1, 0].map((left) => `incorrect_code ${left}`).concat(Array(3).fill('too_many_attempts')))
  })

  test('a store that answers after its deadline has still spent the attempt', async () => {
    const { start, verify, store } = makeTarget({ limits: unlimited, deadlines: { store: 1 } })
    const { sessionToken, code } = await start()
    store.meddle('attempt', (run) => run().then(() => new Promise(() => {})))
    for (let guess = 0; guess < 5; guess++) await expect(verify(sessionToken, code)).rejects.toMatchObject({ code: 'ERR_PV_STORE' })
    store.meddle('attempt')
    expect(named(await verify(sessionToken, code))).toBe('too_many_attempts')
  })
})

describe('G2: failures add up over codes, in the ledger', () => {
  test('T-ATT-05: with resends the tenth failure is incorrect_code, the eleventh guess is locked, whatever it says', async () => {
    const rig = makeTarget()
    const outcomes: string[] = []
    for (let challenge = 0; challenge < 2; challenge++) {
      const sent = await rig.start()
      outcomes.push(...(await rig.guessWrong(3, sent)))
      const again = await rig.resend(sent.sessionToken)
      outcomes.push(...(await rig.guessWrong(3, { ...sent, sessionToken: again.ok ? again.sessionToken : '' })))
    }
    expect(count(outcomes, 'incorrect_code')).toBe(10)
    const third = await rig.start()
    const locked = { ok: false, reason: 'locked', limit: 'failuresPerPhone', retryAfterMs: 15 * minute }
    expect(await rig.verify(third.sessionToken, wrong(third.code))).toEqual(locked)
    expect(await rig.verify(third.sessionToken, third.code)).toEqual(locked)
  })

  test('10 in 15 minutes', async () => {
    const rig = makeLedger()
    expect(count(await burst(10, rig), 'incorrect_code')).toBe(10)
    rig.clock.advance(15 * minute - 1)
    const { sessionToken, code } = await rig.start()
    expect(await rig.verify(sessionToken, code)).toEqual({ ok: false, reason: 'locked', limit: 'failuresPerPhone', retryAfterMs: 1 })
    rig.clock.advance(1)
    expect(named(await rig.verify(sessionToken, code))).toBe('ok')
  })

  test('20 in 24 hours', async () => {
    const rig = makeLedger()
    await burst(10, rig)
    rig.clock.advance(15 * minute)
    expect(count(await burst(10, rig), 'incorrect_code')).toBe(10)
    rig.clock.advance(day - 15 * minute - 1)
    expect(await burst(1, rig)).toEqual(['locked failuresPerPhone'])
    rig.clock.advance(1)
    expect(await burst(1, rig)).toEqual(['incorrect_code 9'])
  })

  test('50 in 30 days', async () => {
    const rig = makeLedger()
    for (const gapMs of [15 * minute, day - 15 * minute, 15 * minute, day - 15 * minute, 15 * minute]) {
      expect(count(await burst(10, rig), 'incorrect_code')).toBe(10)
      rig.clock.advance(gapMs)
    }
    rig.clock.advance(28 * day - 15 * minute - 1)
    expect(await burst(1, rig)).toEqual(['locked failuresPerPhone'])
    rig.clock.advance(1)
    expect(await burst(1, rig)).toEqual(['incorrect_code 9'])
  })

  test('with half a year of patience no more than 50 guesses are evaluated in any 30 days', async () => {
    const rig = makeLedger()
    const times: number[] = []
    for (let half = 0; half < 365; half++) {
      for (const outcome of await burst(10, rig)) if (outcome.startsWith('incorrect_code')) times.push(rig.clock.now())
      rig.clock.advance(day / 2)
    }
    const within = times.map((from) => times.filter((at) => at >= from && at < from + 30 * day).length)
    expect(Math.max(...within)).toBe(50)
  })

  test('expiry of the code resets nothing', async () => {
    const rig = makeTarget()
    await burst(5, rig)
    rig.clock.advance(10 * minute)
    await burst(5, rig)
    expect(await burst(1, rig)).toEqual(['locked failuresPerPhone'])
  })

  test('success resets, and only the ledger of its purpose', async () => {
    const rig = makeLedger()
    await burst(9, rig, { purpose: 'registration' })
    await burst(9, rig)
    const { sessionToken, code } = await rig.start()
    expect(named(await rig.verify(sessionToken, code))).toBe('ok')
    expect(count(await burst(10, rig), 'incorrect_code')).toBe(10)
    expect(await burst(2, rig, { purpose: 'registration' })).toEqual(['incorrect_code 9', 'locked failuresPerPhone'])
  })

  test('a right guess that came too late for its challenge resets nothing', async () => {
    const rig = makeLedger()
    const won = await rig.start()
    await rig.verify(won.sessionToken, won.code)
    await burst(10, rig)
    expect(named(await rig.verify(won.sessionToken, won.code))).toBe('already_used')
    expect(await burst(1, rig)).toEqual(['locked failuresPerPhone'])
  })

  test('a phone that is forgotten and a resend reset nothing', async () => {
    const rig = makeLedger()
    await burst(10, rig)
    await rig.verifier.forget({ phone })
    const { sessionToken, code } = await rig.start()
    await rig.resend(sessionToken)
    expect(named(await rig.verify(sessionToken, code))).toBe('locked failuresPerPhone')
  })

  test('only unlock resets besides, and it is an event', async () => {
    const rig = makeLedger()
    await burst(10, rig)
    const { sessionToken, code } = await rig.start()
    expect(named(await rig.verify(sessionToken, code))).toBe('locked failuresPerPhone')
    await rig.verifier.unlock({ phone })
    expect(rig.events.at(-1)).toMatchObject({ type: 'unlock', outcome: 'ok' })
    expect(named(await rig.verify(sessionToken, code))).toBe('ok')
  })

  const spellings = [
    '+14155552671',
    '+1 415 555 2671',
    '+1-415-555-2671',
    '+1 (415) 555-2671',
    '(415) 555-2671',
    '415.555.2671',
    '4155552671',
    '14155552671',
    '+１４１５５５５２６７１',
    '+١٤١٥٥٥٥٢٦٧١',
    '\u200e+14155552671',
    '+1/415/5552671',
  ]

  test('T-ATT-06: one ledger for every spelling of the phone, every client and every locale', async () => {
    const rig = makeTarget({ defaultCountry: 'US', limits: { ...unlimited, failuresPerPhone: [{ max: 10, windowMs: day }] } })
    const outcomes: string[] = []
    for (const [index, written] of spellings.entries()) {
      const sent = await rig.start({ phone: written, client: { ip: `192.0.2.${index}` }, locale: ['fr', 'de'][index % 2] })
      outcomes.push(named(await rig.verify(sent.sessionToken, wrong(sent.code), { client: { ip: `198.51.100.${index}` } })))
      rig.clock.advance(200_000)
    }
    expect(outcomes).toEqual([...Array(10).fill('incorrect_code 4'), 'locked failuresPerPhone', 'locked failuresPerPhone'])
  })

  test('T-ATT-06: another process with the same store and secret has the same ledger', async () => {
    const { one, other } = makePair({ limits })
    const first = await one.start()
    expect(count(await one.guessWrong(5, first), 'incorrect_code')).toBe(5)
    const second = await other.start()
    expect(count(await other.guessWrong(5, second), 'incorrect_code')).toBe(5)
    const third = await one.start()
    expect(named(await other.verify(third.sessionToken, third.code))).toBe('locked failuresPerPhone')
  })

  test('T-ATT-07: with as many challenges as can be had, at once, ten guesses are evaluated', async () => {
    const rig = makeTarget()
    const live = []
    for (let challenge = 0; challenge < 10; challenge++) {
      const sent = await rig.send()
      if (sent.ok) live.push({ sessionToken: sent.sessionToken, code: rig.outbox.last()?.code ?? '' })
      else expect(named(sent)).toBe('rate_limited challengesPerPhone')
    }
    expect(live).toHaveLength(3)
    const outcomes = await Promise.all(
      live.flatMap(({ sessionToken, code }) => Array.from({ length: 20 }, async () => named(await rig.verify(sessionToken, wrong(code))))),
    )
    expect(count(outcomes, 'incorrect_code')).toBe(10)
  })
})

describe('T-ATT-08: nobody is locked out by a stranger', () => {
  test('without the token no guess is evaluated, and the attempts of the victim stay', async () => {
    const { start, verify, asked, guessWrong } = makeTarget()
    const victim = await start()
    const altered = `${victim.sessionToken.slice(0, -5)}AAAAA`
    const tokens = [undefined, '', phone, altered, victim.sessionToken.slice(1), `${victim.sessionToken} `, { phone }]
    const verbs = await asked(async () => {
      for (const token of tokens) {
        for (let code = 0; code < 50; code++)
          expect(named(await verify(token, String(code).padStart(6, '0'), { phone }))).toBe('invalid_session')
      }
    })
    expect(verbs).toEqual([])
    expect(await guessWrong(1, victim)).toEqual(['incorrect_code 4'])
    expect(named(await verify(victim.sessionToken, victim.code))).toBe('ok')
  })

  const behindLogin = ['two_factor', 'payment', 'phone_change']
  const payload = { amount: '5' }

  test.each(behindLogin)('for %s a stranger who asks for the phone of a victim fills a ledger of their own', async (purpose) => {
    const rig = makeLedger()
    await burst(10, rig, { purpose, payload, subject: 'stranger' })
    expect(await burst(1, rig, { purpose, payload, subject: 'stranger' })).toEqual(['locked failuresPerPhone'])
    const victim = { purpose, payload, subject: 'victim' }
    const { sessionToken, code } = await rig.start(victim)
    expect(named(await rig.verify(sessionToken, code, victim))).toBe('ok')
  })

  test.each(behindLogin)('for %s a subject keeps its ledger whatever phone it names', async (purpose) => {
    const rig = makeLedger()
    const asked = { purpose, payload, subject: 'user-1' }
    await burst(9, rig, asked)
    expect(await burst(2, rig, { ...asked, phone: '+14155552672' })).toEqual(['incorrect_code 9', 'locked failuresPerPhone'])
  })

  test.each(behindLogin)('for %s without a subject the phone counts', async (purpose) => {
    const rig = makeLedger()
    await burst(10, rig, { purpose, payload })
    expect(await burst(1, rig, { purpose, payload })).toEqual(['locked failuresPerPhone'])
    expect(await burst(1, rig, { purpose, payload, phone: '+14155552672' })).toEqual(['incorrect_code 9'])
  })

  test.each(['registration', 'login', 'password_reset', 'marketing_opt_in'])(
    'for %s the phone counts, whatever subject is named',
    async (purpose) => {
      const rig = makeLedger()
      await burst(10, rig, { purpose, subject: 'user-1' })
      expect(await burst(1, rig, { purpose, subject: 'user-2' })).toEqual(['locked failuresPerPhone'])
    },
  )

  test('a purpose counts by subject where its policy says so', async () => {
    const rig = makeLedger({ purposes: { withdrawal: { ledger: 'subject' }, login: { ledger: 'subject' } } })
    for (const purpose of ['withdrawal', 'login']) {
      await burst(10, rig, { purpose, subject: 'stranger' })
      expect(await burst(1, rig, { purpose, subject: 'victim' })).toEqual(['incorrect_code 9'])
      expect(await burst(1, rig, { purpose, subject: 'stranger' })).toEqual(['locked failuresPerPhone'])
    }
  })

  test('a subject with the name of a phone does not share its ledger', async () => {
    const rig = makeLedger()
    await burst(10, rig, { purpose: 'two_factor', subject: phone })
    expect(await burst(1, rig, { purpose: 'two_factor' })).toEqual(['incorrect_code 9'])
  })
})

describe('a client', () => {
  test('is checked 30 times in 5 minutes, over all phones, and the window slides', async () => {
    const rig = makeTarget({ limits: { ...unlimited, failuresPerPhone: [], checksPerClient: undefined } })
    const client = { ip: '192.0.2.1' }
    const guess = async (index: number) => {
      const { sessionToken, code } = await rig.start({ phone: `+1415555${2000 + index}` })
      return rig.verify(sessionToken, wrong(code), { client })
    }
    for (let index = 0; index < 30; index++) {
      expect(named(await guess(index))).toBe('incorrect_code 4')
      rig.clock.advance(1_000)
    }
    expect(await guess(30)).toEqual({ ok: false, reason: 'rate_limited', limit: 'checksPerClient', retryAfterMs: 270_000 })
    rig.clock.advance(269_999)
    expect(named(await guess(31))).toBe('rate_limited checksPerClient')
    rig.clock.advance(1)
    expect(named(await guess(32))).toBe('incorrect_code 4')
    expect(named(await guess(33))).toBe('rate_limited checksPerClient')
  })

  test('that is locked and full is told locked', async () => {
    const rig = makeTarget({
      limits: { ...unlimited, failuresPerPhone: [{ max: 1, windowMs: minute }], checksPerClient: [{ max: 1, windowMs: day }] },
    })
    const client = { id: 'c' }
    const sent = await rig.start()
    await rig.verify(sent.sessionToken, wrong(sent.code), { client })
    const locked = { ok: false, reason: 'locked', limit: 'failuresPerPhone', retryAfterMs: day }
    expect(await rig.verify(sent.sessionToken, sent.code, { client })).toEqual(locked)
  })
})

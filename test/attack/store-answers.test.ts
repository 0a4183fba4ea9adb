import { describe, expect, test } from 'vitest'
import { hostileValues } from '../fixtures/hostile-values.js'
import { makeRig, named, unlimited } from '../fixtures/rig.js'
import type { StoreVerb } from '../fixtures/watched-store.js'

const rigOf = () => makeRig({ limits: unlimited })

/** The store does what it was asked, and answers something else. */
const answering = (change: (answer: object) => unknown) => async (run: () => Promise<object>) => change(await run())

async function ending(work: Promise<{ readonly ok: boolean }>): Promise<string> {
  try {
    return named(await work)
  } catch (error) {
    return String((error as { readonly code?: string }).code ?? error)
  }
}

describe('a record without a whole digest matches nothing (T-INP-02)', () => {
  const digests: readonly (readonly [string, unknown])[] = [
    ...Object.entries(hostileValues).map(([name, make]) => [name, make()] as const),
    ['22 spaces', ' '.repeat(22)],
    ['22 zeros', '0'.repeat(22)],
    ['the code itself', '123456'],
  ]

  test.each(digests)('%s', async (_, codeDigest) => {
    const rig = rigOf()
    const { sessionToken, code } = await rig.start()
    rig.store.meddle(
      'attempt',
      answering((answer) => ({ ...answer, codeDigest })),
    )
    expect(await ending(rig.verify(sessionToken, code))).toBe('incorrect_code 4')
    expect(await ending(rig.verify(sessionToken, '000000'))).toBe('incorrect_code 3')
    for (const blank of ['', ' ', '      ', undefined, null]) expect(await ending(rig.verify(sessionToken, blank))).toBe('malformed_code')
  })

  test('a digest that is one character short, long or wrong', async () => {
    for (const change of [
      (digest: string) => digest.slice(1),
      (digest: string) => `${digest}A`,
      (digest: string) => `_${digest.slice(1)}`,
    ]) {
      const rig = rigOf()
      const { sessionToken, code } = await rig.start()
      rig.store.meddle(
        'attempt',
        answering((answer) => ({ ...answer, codeDigest: change((answer as { codeDigest: string }).codeDigest) })),
      )
      // A digest may begin with _ by itself, once in 64.
      const told = await ending(rig.verify(sessionToken, code))
      expect(told === 'incorrect_code 4' || (told === 'ok' && change('_') === '_')).toBe(true)
    }
  })

  test('the digest of another challenge', async () => {
    const rig = rigOf()
    const [mine, other] = [await rig.start(), await rig.start()]
    let kept: unknown
    rig.store.meddle(
      'attempt',
      answering((answer) => {
        kept ??= (answer as { codeDigest: string }).codeDigest
        return { ...answer, codeDigest: kept }
      }),
    )
    expect(await ending(rig.verify(other.sessionToken, mine.code))).toMatch(/^incorrect_code/)
    expect(await ending(rig.verify(mine.sessionToken, mine.code))).toMatch(/^incorrect_code/)
  })

  test('control: with the answer as it is, the code is right', async () => {
    const rig = rigOf()
    const { sessionToken, code } = await rig.start()
    rig.store.meddle(
      'attempt',
      answering((answer) => ({ ...answer })),
    )
    expect(await ending(rig.verify(sessionToken, code))).toBe('ok')
  })
})

describe('an answer that is none of the contract allows nothing (G12)', () => {
  const answers = Object.entries<() => unknown>({
    ...hostileValues,
    'unknown status': () => ({ status: 'fine' }),
    'another word': () => 'fine',
    'the bare word of another verb': () => 'opened',
    'what close answers, as a status': () => ({ status: 'already' }),
  })

  async function visit(verb: StoreVerb) {
    const rig = rigOf()
    const first = await rig.start()
    const won = await rig.verify(first.sessionToken, first.code)
    const { sessionToken, code } = await rig.start()
    const proof = won.ok && won.proof
    const calls = {
      open: () => rig.send(),
      renew: () => rig.resend(sessionToken),
      attempt: () => rig.verify(sessionToken, code),
      close: () => rig.verify(sessionToken, code),
      release: () => rig.verifier.redeemProof({ proof, purpose: 'login' }),
    }
    return { ...rig, call: calls[verb] }
  }

  test.each(['open', 'renew', 'attempt', 'close'] as const)('%s', async (verb) => {
    const told: Record<string, string> = {}
    for (const [name, make] of answers) {
      const { store, outbox, call } = await visit(verb)
      const sent = outbox.messages.length
      store.meddle(verb, async () => make())
      told[name] = await ending(call())
      expect(outbox.messages, name).toHaveLength(sent)
    }
    expect(told).toEqual(Object.fromEntries(answers.map(([name]) => [name, 'ERR_PV_STORE'])))
  })

  test('close, at a redemption', async () => {
    const told: Record<string, string> = {}
    for (const [name, make] of answers) {
      const { store, call } = await visit('release')
      store.meddle('close', async () => make())
      told[name] = await ending(call())
    }
    expect(told).toEqual(Object.fromEntries(answers.map(([name]) => [name, 'ERR_PV_STORE'])))
  })
})

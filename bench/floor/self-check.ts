import { randomBytes } from 'node:crypto'
import { expect } from '../contestant.js'
import type { Kept } from './kept.js'

const fresh = () => randomBytes(16).toString('base64url')

/** Does it so often, all at once, and counts the answers. */
async function tally(times: number, act: (index: number) => Promise<string>): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {}
  const answers = await Promise.all(Array.from({ length: times }, (_, index) => act(index)))
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1
  return counts
}

/** A floor that lets more through than it says is no measure of anything: everything is asked for at once, and counted. */
export async function checkFloor(kept: Kept, name: string): Promise<void> {
  const must = (what: string, got: Readonly<Record<string, number>>, wanted: Readonly<Record<string, number>>) => {
    const same = Object.keys({ ...got, ...wanted }).every((answer) => got[answer] === wanted[answer])
    expect(same, `the floor over ${name}: ${what}`, { got, wanted })
  }
  const hashes = () => ({ phone: fresh(), client: fresh(), prefix: fresh() })
  const opens = (of: Partial<ReturnType<typeof hashes>>) => async () =>
    (await kept.open(fresh(), 'digest', { ...hashes(), ...of })).waitMs > 0 ? 'limited' : 'opened'
  const opened = async () => {
    const [id, of] = [fresh(), hashes()]
    const { waitMs, resendMs } = await kept.open(id, 'digest', of)
    expect(waitMs === 0 && resendMs === 30_000, `the floor over ${name}: a first send`, { waitMs, resendMs })
    return { id, of }
  }

  must('sends to a phone', await tally(20, opens({ phone: fresh() })), { opened: 1, limited: 19 })
  must('sends of a client', await tally(20, opens({ client: fresh() })), { opened: 10, limited: 10 })
  must('sends to a block', await tally(30, opens({ prefix: fresh() })), { opened: 20, limited: 10 })

  const failed = await opened()
  const again = () => kept.open(fresh(), 'digest', failed.of)
  const { waitMs } = await again()
  expect(waitMs > 29_000 && waitMs <= 30_000, `the floor over ${name}: the wait of a cooldown`, waitMs)
  await kept.undo(failed.id, failed.of)
  expect((await again()).waitMs === 0, `the floor over ${name}: a send that failed gives back`, waitMs)

  const guessOne = async (id: string, digest: string, of: { phone: string; client: string }) =>
    (await kept.guess(id, digest, of, fresh())).status
  const guessTwo = async (id: string, digest: string, of: { phone: string; client: string }) => {
    const spent = await kept.spend(id, of)
    if (spent.status !== 'spent') return spent.status
    return spent.digest === digest ? kept.win(id, of, fresh()) : 'wrong'
  }
  for (const guess of [guessOne, guessTwo]) {
    const { id, of } = await opened()
    must('guesses', await tally(20, () => guess(id, 'other', of)), { wrong: 5, too_many_attempts: 15 })

    const many = await Promise.all([opened(), opened(), opened()])
    const ledger = fresh()
    const failures = () => tally(15, (index) => guess(many[index % 3]?.id ?? '', 'other', { phone: ledger, client: fresh() }))
    must('failures of a phone', await failures(), { wrong: 10, limited: 5 })
    const client = fresh()
    const checked = await Promise.all(Array.from({ length: 8 }, opened))
    const checks = await tally(40, (index) => guess(checked[index % 8]?.id ?? '', 'other', { phone: fresh(), client }))
    must('guesses of a client', checks, { wrong: 30, limited: 10 })

    const won = await opened()
    const winners = await tally(5, () => guess(won.id, 'digest', won.of))
    expect((winners['right'] ?? winners['won']) === 1, `the floor over ${name}: winners`, winners)
    const after = await guess(won.id, 'digest', won.of)
    expect(after === 'already_used', `the floor over ${name}: after the win`, after)

    const cleared = await Promise.all([opened(), opened(), opened()])
    const phone = fresh()
    const wrongs = (challenge: number, times: number) =>
      tally(times, () => guess(cleared[challenge]?.id ?? '', 'other', { phone, client: fresh() }))
    await wrongs(0, 4)
    await wrongs(1, 5)
    await guess(cleared[0]?.id ?? '', 'digest', { phone, client: fresh() })
    must('failures after a success', await wrongs(2, 5), { wrong: 5 })
  }

  const proof = fresh()
  const { id, of } = await opened()
  await kept.guess(id, 'digest', of, proof)
  must('redeems', await tally(20, () => kept.redeem(proof)), { redeemed: 1, already_redeemed: 19 })
}

import { type Contestant, type Enter, expect } from '../contestant.js'
import { createFloor } from './floor.js'
import type { Kept } from './kept.js'
import { createServerFloor, type Guessing } from './server-floor.js'

type Floor = ReturnType<typeof createServerFloor> | ReturnType<typeof createFloor>

const contestant = ({ sendCode, verifyCode, redeemProof }: Floor, end: () => Promise<void>): Contestant => ({
  async send({ phone, ip }) {
    const sent = await sendCode(phone, ip)
    expect(sent.ok, 'sendCode', sent)
    return sent.sessionToken
  },

  async wrongGuess(token, code, { ip }) {
    const checked = await verifyCode(token, code, ip)
    expect(!checked.ok && checked.reason === 'incorrect_code', 'wrong guess', checked)
  },

  async rightGuess(token, code, { ip }) {
    const checked = await verifyCode(token, code, ip)
    expect(checked.ok, 'right guess', checked)
    return checked.proof
  },

  async redeem(proof) {
    const redeemed = await redeemProof(proof)
    expect(redeemed.ok, 'redeemProof', redeemed)
    return redeemed.phone
  },

  end,
})

/** The floor as a contestant. */
export const floor: Enter = (carrier) => {
  const made = createFloor(carrier)
  return contestant(made, async () => made.close())
}

/** The floor on a server. */
export const serverFloor =
  (kept: Kept, guessing: Guessing, end: () => Promise<void>): Enter =>
  (carrier) =>
    contestant(createServerFloor(kept, carrier, guessing), end)

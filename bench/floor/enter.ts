import { type Enter, expect } from '../contestant.js'
import { createFloor } from './floor.js'

/** The floor as a contestant. */
export const floor: Enter = (carrier) => {
  const { sendCode, verifyCode, redeemProof, close } = createFloor(carrier)
  return {
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

    async end() {
      close()
    },
  }
}

import { parseArgs } from 'node:util'
import type { PhoneNumber } from 'phone-verify'
import { phoneArgument } from '../phone-argument.js'
import type { Command } from '../run-command.js'
import { type AllowedNumber, allowedNumber, allowedNumbers, allowNumber, removeNumber } from './list.js'

const usage = `Usage: npm run example -- registration/allow-list <command>

  add <phone> [notes]   lets a number register
  check <phone>         whether it may; exit code 1 where not
  list                  every number
  remove <phone>        takes a number off the list
  init [--force]        adds numbers to try with; --force makes those active again that are not`

/** Numbers to try with. */
const testNumbers = ['+237675799743', '+237658552294', '+237670000000', '+237670000001', '+14155550123']

const line = ({ phone, isActive, addedAt, addedByDisplay, notes }: AllowedNumber) =>
  [phone.padEnd(16), isActive ? 'active  ' : 'inactive', addedAt.toISOString(), addedByDisplay, notes].join('  ').trimEnd()

/** What the terminal does with the allow-list, with the same trace as the staff leaves. */
export const allowListCommand: Command = async ({ database, now, isProduction }, args) => {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { force: { type: 'boolean', default: false } },
  })
  const [name, typed, ...words] = positionals
  const change = { actor: { accountId: null, name: 'terminal' }, at: new Date(now()) }
  const allow = (phone: PhoneNumber, notes: string) =>
    database.transaction((transaction) => allowNumber(transaction, { phone, notes, isActive: true }, change))

  switch (name) {
    case 'add': {
      const phone = phoneArgument(typed)
      return { text: `${phone} ${(await allow(phone, words.join(' '))) ? 'was added' : 'was there, and is changed'}` }
    }
    case 'check': {
      const phone = phoneArgument(typed)
      const isAuthorized = (await allowedNumber(database, phone))?.isActive ?? false
      return isAuthorized ? { text: `${phone} may register` } : { text: `${phone} may not register`, exitCode: 1 }
    }
    case 'list': {
      const all = await allowedNumbers(database)
      return { text: [...all.map(line), `${all.length} in all, ${all.filter(({ isActive }) => isActive).length} active`].join('\n') }
    }
    case 'remove': {
      const phone = phoneArgument(typed)
      const isRemoved = await database.transaction((transaction) => removeNumber(transaction, phone, change))
      return isRemoved ? { text: `${phone} was removed` } : { text: `${phone} is not on the list`, exitCode: 1 }
    }
    case 'init': {
      // They belong to somebody, or may tomorrow.
      if (isProduction) throw new Error('numbers to try with have no place in production')
      let added = 0
      for (const phone of testNumbers.map(phoneArgument)) {
        const known = await allowedNumber(database, phone)
        if (known?.isActive || (known && !values.force)) continue
        await allow(phone, known?.notes ?? 'to try with')
        added += 1
      }
      return { text: `${added} of ${testNumbers.length} numbers to try with were added or made active` }
    }
    default:
      throw new Error(usage)
  }
}

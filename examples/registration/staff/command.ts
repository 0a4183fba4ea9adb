import { phoneArgument } from '../phone-argument.js'
import type { Command } from '../run-command.js'

const usage = `Usage: npm run example -- registration/staff <command>

  add <phone>      makes the account of this number one of the staff
  remove <phone>   makes it one like every other
  list             who is`

/** Nobody is staff at first, and no request makes anybody so: only who has the database does. */
export const staffCommand: Command = async ({ database }, [name, typed]) => {
  const set = async (isStaff: boolean) => {
    const phone = phoneArgument(typed)
    const changed = await database.query('UPDATE account SET is_staff = $2 WHERE phone = $1 RETURNING id', [phone, isStaff])
    if (changed.length === 0) return { text: `nobody has an account with ${phone}`, exitCode: 1 }
    return { text: `${phone} is ${isStaff ? 'staff now' : 'no staff any more'}` }
  }

  switch (name) {
    case 'add':
      return set(true)
    case 'remove':
      return set(false)
    case 'list': {
      const all = await database.query<{ readonly phone: string | null }>('SELECT phone FROM account WHERE is_staff ORDER BY id')
      return { text: [...all.map(({ phone }) => phone), `${all.length} in all`].join('\n') }
    }
    default:
      throw new Error(usage)
  }
}

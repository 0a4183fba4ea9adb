import { z } from 'zod'
import { member } from '../accounts/access.js'
import { type Account, lockAccount } from '../accounts/account.js'
import { profileRoute } from '../accounts/profile.js'
import type { Sessions } from '../accounts/sessions.js'
import type { Database, Sql } from '../service/database.js'
import { success } from '../service/envelope.js'
import { type Route, route } from '../service/route.js'
import { contactOf, setContact } from './contact.js'
import { describeMember } from './describe-member.js'
import { personFields } from './person.js'
import { sentences } from './sentences.js'

export interface ProfileParts {
  readonly database: Database
  readonly sessions: Sessions
}

const some = z.object(personFields).partial()
/** What is not said of a whole profile is nothing. */
const whole = z.object(personFields).transform((said) => ({ email: null, address: null, apartment_name: null, ...said }))

/** What is not said in a change stays; `null` and an empty text take it away. */
async function change(sql: Sql, account: Account, said: z.output<typeof some>): Promise<Account> {
  const { firstName, lastName } = (await lockAccount(sql, account.id)) ?? account
  const names = { firstName: said.first_name ?? firstName, lastName: said.last_name ?? lastName }
  await sql.query('UPDATE account SET first_name = $2, last_name = $3 WHERE id = $1', [account.id, names.firstName, names.lastName])
  const kept = await contactOf(sql, account.id)
  await setContact(sql, account.id, {
    email: said.email === undefined ? kept.email : said.email,
    address: said.address === undefined ? kept.address : said.address,
    apartmentName: said.apartment_name === undefined ? kept.apartmentName : said.apartment_name,
  })
  return { ...account, ...names }
}

/** Reads and changes what somebody says of themselves. The phone is not said but proven, so it does not change here. */
export function profileRoutes(base: `/${string}`, { database, sessions }: ProfileParts): readonly Route[] {
  const path = `${base}/profile/` as const
  const access = member(sessions)
  const changes = (method: 'PUT' | 'PATCH', summary: string, body: z.ZodType<z.output<typeof some>>) =>
    route({
      ...{ method, path, access, summary, body },
      replies: { 200: 'The profile as it is now' },
      async answer({ body, who, language }) {
        const user = await database.transaction(async (transaction) =>
          describeMember(transaction, await change(transaction, who.account, body)),
        )
        return success(200, sentences.profileChanged[language], { user })
      },
    })

  return [
    // Readers are counted by account, like all who are signed in.
    { ...profileRoute(base, sessions, (account) => describeMember(database, account)), throttles: [] },
    changes('PUT', 'Says the whole profile anew', whole),
    changes('PATCH', 'Changes some of the profile', some),
  ]
}

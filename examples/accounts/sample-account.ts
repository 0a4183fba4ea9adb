import type { PhoneNumber } from 'phone-verify'
import type { Parts } from '../service/parts.js'
import { insertAccount } from './account.js'
import { createPasswords } from './password.js'

/** Somebody to try an app with. */
export const sample = { phone: '+237675799743' as PhoneNumber, email: 'sample@example.com', password: 'Motdepasse123!' } as const

/** Puts one account into a database that has none, so that an app can be tried at once. Never in production. */
export async function addSampleAccount({ database, passwordCost, now, log }: Parts, isProduction: boolean): Promise<void> {
  if (isProduction || (await database.query('SELECT 1 FROM account LIMIT 1')).length > 0) return
  const passwordHash = await createPasswords(passwordCost).hash(sample.password)
  await insertAccount(database, { ...sample, passwordHash, firstName: 'Sample', lastName: 'Account', createdAt: new Date(now()) })
  log.info('an account to try: see the README for its password')
}

import { addSampleAccount, sample } from '../accounts/sample-account.js'
import { runService } from '../service/run-service.js'
import { buildApp } from './app.js'
import { readMarketing } from './settings.js'

await runService('marketing-opt-in', async (parts, settings) => {
  const service = await buildApp(parts, readMarketing(settings, process.env))
  await addSampleAccount(parts, settings.isProduction)
  // Somebody who may send campaigns, to try with.
  if (!settings.isProduction) await parts.database.query('UPDATE account SET is_staff = true WHERE phone = $1', [sample.phone])
  return service
})

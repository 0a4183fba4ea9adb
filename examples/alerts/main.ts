import { addSampleAccount, sample } from '../accounts/sample-account.js'
import { printMail } from '../service/mail.js'
import { runService } from '../service/run-service.js'
import { buildApp } from './app.js'

await runService('alerts', async (parts, { isProduction }) => {
  const service = await buildApp(parts, isProduction ? {} : { sendMail: printMail })
  await addSampleAccount(parts, isProduction)
  // Somebody who may raise alerts, to try with.
  if (!isProduction) await parts.database.query('UPDATE account SET is_staff = true WHERE phone = $1', [sample.phone])
  return service
})

import { addSampleAccount } from '../accounts/sample-account.js'
import { printMail } from '../service/mail.js'
import { runService } from '../service/run-service.js'
import { buildApp } from './app.js'

await runService('password-reset', async (parts, { isProduction }) => {
  const service = await buildApp(parts, isProduction ? {} : { sendMail: printMail })
  await addSampleAccount(parts, isProduction)
  return service
})

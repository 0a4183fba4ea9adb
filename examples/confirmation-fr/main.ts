import { addSampleAccount } from '../accounts/sample-account.js'
import { runService } from '../service/run-service.js'
import { buildApp } from './app.js'

await runService('confirmation-fr', async (parts, { isProduction }) => {
  const service = await buildApp(parts)
  await addSampleAccount(parts, isProduction)
  return service
})

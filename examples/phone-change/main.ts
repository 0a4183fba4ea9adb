import { addSampleAccount } from '../accounts/sample-account.js'
import { runService } from '../service/run-service.js'
import { buildApp } from './app.js'

await runService('phone-change', async (parts, settings) => {
  const frontend = process.env['FRONTEND_URL']
  const service = await buildApp(parts, { frontendUrl: frontend ? new URL(frontend) : undefined })
  await addSampleAccount(parts, settings.isProduction)
  return service
})

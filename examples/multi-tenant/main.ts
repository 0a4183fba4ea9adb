import { runService } from '../service/run-service.js'
import { buildApp } from './app.js'

/** To try it on a laptop. In production nobody else may know the token. */
const sampleToken = 'sample-admin-token-of-a-laptop-only'

await runService('multi-tenant', (parts, { isProduction }) => {
  const { ADMIN_TOKEN, GATEWAY_URLS } = process.env
  return buildApp(parts, {
    adminToken: ADMIN_TOKEN || (isProduction ? '' : sampleToken),
    baseUrls: GATEWAY_URLS ? GATEWAY_URLS.split(',') : [],
  })
})

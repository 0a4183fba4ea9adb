import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Answer } from './route.js'

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<body><div id="swagger-ui"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>
`

// Else it asks a validator on the network for its opinion of the document.
const start = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', validatorUrl: null })`

const html = 'text/html; charset=utf-8'
const javascript = 'text/javascript; charset=utf-8'

/** The page that shows the document, with nothing from the network: `/docs/` and the files beside it. */
export async function apiPage(): Promise<Readonly<Record<`/${string}`, Answer>>> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui/package.json')), 'static')
  const file = (name: string) => readFile(join(folder, name), 'utf8')
  const served = (type: string, body: string): Answer => ({ status: 200, body, headers: { 'content-type': type } })
  return {
    '/docs/': served(html, page),
    '/docs/start.js': served(javascript, start),
    '/docs/swagger-ui.css': served('text/css; charset=utf-8', await file('swagger-ui.css')),
    '/docs/swagger-ui-bundle.js': served(javascript, await file('swagger-ui-bundle.js')),
  }
}

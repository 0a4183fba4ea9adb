import { readFile } from 'node:fs/promises'
import { type Route, route } from '../service/route.js'

/** `/reset-password`, where the link of the text leads, and the script and style of it: files of ours, as the policy of our replies wants it. */
export const pageRoutes = async (): Promise<readonly Route[]> => [
  await fileRoute('/reset-password', 'reset.html', 'text/html; charset=utf-8', 'The page of the link in the text'),
  await fileRoute('/reset-password.js', 'reset.js', 'text/javascript; charset=utf-8', 'What its forms do'),
]

async function fileRoute(path: `/${string}`, file: string, type: string, summary: string): Promise<Route> {
  const body = await readFile(new URL(`./page/${file}`, import.meta.url), 'utf8')
  return route({
    method: 'GET',
    path,
    summary,
    replies: { 200: summary },
    answer: async () => ({ status: 200, body, headers: { 'content-type': type } }),
  })
}

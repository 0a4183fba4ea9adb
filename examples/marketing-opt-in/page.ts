import { readFile } from 'node:fs/promises'
import type { Language } from '../service/language.js'
import { type Answer, type Route, route } from '../service/route.js'
import type { Disclosure } from './disclosure.js'

const types: Readonly<Record<string, string>> = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8' }

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/**
 * The form and what it links to, in both languages. What is shown at the box comes from where the record takes it, so that nobody agrees
 * to another text than is written down.
 */
export async function pageRoutes(disclosures: Readonly<Record<Language, Disclosure>>): Promise<readonly Route[]> {
  const read = (name: string) => readFile(new URL(`page/${name}`, import.meta.url), 'utf8')
  const served = (file: string, body: string): Answer => ({
    ...{ status: 200, body, headers: { 'content-type': types[file.split('.').at(-1) ?? ''] ?? 'text/plain' } },
  })
  const inBoth = async (name: string): Promise<Readonly<Record<Language, Answer>>> => {
    const [fr, en] = await Promise.all([read(`${name}.fr.html`), read(`${name}.en.html`)])
    const filled = (html: string, { text, version }: Disclosure) =>
      served('page.html', html.replaceAll('{{disclosure}}', escaped(text)).replaceAll('{{version}}', escaped(version)))
    return { fr: filled(fr, disclosures.fr), en: filled(en, disclosures.en) }
  }
  const page = async (path: `/${string}`, name: string, summary: string): Promise<Route> => {
    const answers = await inBoth(name)
    return route({ method: 'GET', path, summary, replies: { 200: 'The page' }, answer: async ({ language }) => answers[language] })
  }
  const script = served('subscribe.js', await read('subscribe.js'))
  return [
    await page('/', 'subscribe', 'The form'),
    await page('/terms', 'terms', 'Terms of the texts'),
    await page('/privacy', 'privacy', 'What is kept, and for how long'),
    route({
      method: 'GET',
      path: '/subscribe.js',
      summary: 'What the form does',
      replies: { 200: 'A script' },
      answer: async () => script,
    }),
    route({
      method: 'GET',
      path: '/api/disclosure',
      summary: 'The exact text at the consent box, and its version',
      replies: { 200: 'The text in the language of the visitor, and in all' },
      answer: async ({ language }) => ({ status: 200, body: { ...disclosures[language], disclosures } }),
    }),
  ]
}

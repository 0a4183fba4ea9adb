import express from 'express'
import { phoneVerifyRouter, requireProof } from 'phone-verify/express'
import { createTestVerifier } from 'phone-verify/testing'
import type { Page } from 'playwright-core'
import { afterEach, expect, test } from 'vitest'
import { bundleClient, describeInBrowser } from '../fixtures/browser.js'
import { listen } from '../fixtures/listen.js'
import { blocksOf, readMarkdown } from '../package/markdown.js'

const phone = '+33612345678'
const pages: Page[] = []

afterEach(() => Promise.all(pages.splice(0).map((page) => page.close())))

/** A block of docs/client.md. */
const shown = (language: string) => {
  const block = blocksOf(readMarkdown().get('docs/client.md') ?? '').find((one) => one.language === language)
  if (block === undefined) throw new Error(`docs/client.md has no block of ${language}`)
  return block.code
}

/** A verifier whose clock begins at the browser's, at a whole second: `Date` has no parts of one. */
function makeService() {
  const service = createTestVerifier()
  service.clock.set(Math.floor(Date.now() / 1_000) * 1_000)
  return service
}

const router = ({ verifier }: ReturnType<typeof makeService>, options = {}) =>
  phoneVerifyRouter(verifier, { purpose: 'registration', ...options })

describeInBrowser('in a browser', (browser) => {
  const open = async (url: string, script?: string): Promise<Page> => {
    const page = await browser().newPage()
    pages.push(page)
    if (script !== undefined) await page.addInitScript(script)
    await page.goto(url)
    return page
  }

  /** The page that the documentation shows, and the server behind it. */
  const startShown = async () => {
    const service = makeService()
    const [html, { text }] = [shown('html'), await bundleClient({ source: shown('ts') })]
    const app = express()
    app.use((_request, response, next) => {
      response.setHeader('date', new Date(service.clock.now()).toUTCString())
      next()
    })
    app.get('/', (_request, response) => void response.type('html').send(html))
    app.get('/verify-phone.js', (_request, response) => void response.type('js').send(text))
    app.use('/phone', router(service))
    app.post(
      '/accounts',
      requireProof(service.verifier, { purpose: 'registration' }),
      (_request, response) => void response.sendStatus(201),
    )
    return { ...service, url: await listen(app), wrong: () => (service.lastCode() === '000000' ? '111111' : '000000') }
  }

  const send = async (page: Page) => {
    await page.getByLabel('Phone').fill(phone)
    await page.getByRole('button', { name: 'Send a code' }).click()
    await page.getByLabel('Code').waitFor()
  }

  const type = async (page: Page, code: string) => {
    await page.getByLabel('Code').fill(code)
    await page.getByRole('button', { name: 'Verify' }).click()
  }

  /** The page hands the proof to its own server, which lets it pass. */
  const accepted = async (page: Page, act: () => Promise<unknown>) => {
    const [response] = await Promise.all([page.waitForResponse('**/accounts'), act()])
    expect(response.status()).toBe(201)
  }

  const says = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text }).waitFor()

  test('the page of the documentation: send, a wrong code, a reload in the middle, the right code; one SMS', async () => {
    const { url, outbox, lastCode, wrong } = await startShown()
    const page = await open(url)
    const errors: Error[] = []
    page.on('pageerror', (error) => errors.push(error))
    await send(page)
    await page.getByRole('button', { name: /^Send again in \d+ s$/ }).waitFor()
    await type(page, wrong())
    await says(page, 'The code is wrong.')

    expect(await page.evaluate('JSON.stringify(Object.entries(sessionStorage))')).toMatch(/^\[\["phone-verify:\/phone",/)
    expect(await page.evaluate('JSON.stringify(Object.entries(sessionStorage))')).not.toContain('612345678')
    await page.reload()
    await page.getByLabel('Code').waitFor()
    expect(await page.getByLabel('Phone').isVisible()).toBe(false)
    await accepted(page, () => type(page, lastCode()))
    expect(outbox.messages).toHaveLength(1)
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
    expect(errors).toEqual([])
  })

  test('the page of the documentation: sends again when the server lets it, on a device an hour ahead, and asks for another number', async () => {
    const { url, clock, outbox } = await startShown()
    const page = await open(url)
    await page.clock.install({ time: clock.now() })
    await page.clock.pauseAt(clock.now() + 3_600_000)
    const again = page.locator('#again')
    const offer = async () => [await again.isDisabled(), await again.textContent()]
    await send(page)
    expect(await offer()).toEqual([true, 'Send again in 30 s'])
    await page.clock.runFor(29_000)
    expect(await offer()).toEqual([true, 'Send again in 1 s'])
    await page.clock.runFor(1_000)
    expect(await offer()).toEqual([false, 'Send again'])
    clock.advance(30_000)
    await again.click()
    await page.getByRole('button', { name: 'Send again in 60 s' }).waitFor()
    expect(outbox.messages).toHaveLength(2)

    await page.getByRole('button', { name: 'Another number' }).click()
    expect([await page.getByLabel('Phone').isVisible(), await page.getByLabel('Code').isVisible()]).toEqual([true, false])
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
  })

  test('the page of the documentation: a network that fails after the request sends no second SMS', async () => {
    const { url, outbox, lastCode } = await startShown()
    const page = await open(url)
    let lost = 0
    await page.route('**/phone/send', async (route) => {
      if (lost > 0) return route.continue()
      lost += 1
      await route.fetch()
      await route.abort('connectionreset')
    })
    await page.getByLabel('Phone').fill(phone)
    await page.getByRole('button', { name: 'Send a code' }).click()
    await says(page, 'No connection.')
    await send(page)
    await accepted(page, () => type(page, lastCode()))
    expect([lost, outbox.messages.length]).toEqual([1, 1])
  })

  // No browser here receives an SMS: the browser's side of WebOTP is stood in for.
  test('the page of the documentation: the code that WebOTP gives is typed by nobody', async () => {
    const { url, lastCode } = await startShown()
    const page = await open(
      url,
      `navigator.credentials.get = (options) => {
        globalThis.asked = options
        return new Promise((resolve) => { globalThis.arrives = (code) => resolve({ type: 'otp', code }) })
      }`,
    )
    await send(page)
    await page.waitForFunction('globalThis.asked')
    expect(await page.evaluate('asked.otp')).toEqual({ transport: ['sms'] })
    await accepted(page, () => page.evaluate(`arrives('${lastCode()}')`))
    expect(await page.evaluate('asked.signal.aborted')).toBe(true)
  })

  test("waitForCode asks the browser's own WebOTP, and ends with its signal", async () => {
    const { text } = await bundleClient()
    const page = await open(
      await listen((request, response) => {
        response.setHeader('content-type', request.url === '/client.js' ? 'text/javascript' : 'text/html')
        response.end(request.url === '/client.js' ? text : '')
      }),
    )
    const seen = await page.evaluate(`(async () => {
      const get = navigator.credentials.get.bind(navigator.credentials)
      let error
      navigator.credentials.get = (options) => get(options).catch((caught) => { error = caught.name; throw caught })
      const { createPhoneClient } = await import('/client.js')
      const gone = new AbortController()
      const waiting = createPhoneClient({ baseUrl: '/phone' }).waitForCode({ signal: gone.signal })
      gone.abort()
      return { code: await waiting ?? 'none', error, supported: 'OTPCredential' in globalThis }
    })()`)
    expect(seen).toEqual({ code: 'none', error: 'AbortError', supported: true })
  })

  test('from another origin: every header is let through, and titles and waits can be read', async () => {
    const service = makeService()
    const { text } = await bundleClient()
    const site = await listen((request, response) => {
      response.setHeader('content-type', request.url === '/client.js' ? 'text/javascript' : 'text/html')
      response.end(request.url === '/client.js' ? text : '')
    })
    const api = await listen(express().use('/phone', router(service, { cors: { origins: [site] } })))
    const page = await open(site)
    const call = (verb: string) =>
      page.evaluate(`(async () => {
        const { createPhoneClient } = await import('/client.js')
        globalThis.client ??= createPhoneClient({ baseUrl: '${api}/phone', locale: 'fr-FR', credentials: 'omit' })
        return client.${verb}
      })()`)
    service.carrier.fail('unavailable', 1)
    expect(await call(`send({ phone: '${phone}' })`)).toMatchObject({ ok: false, reason: 'unavailable', retryAfterMs: 5_000 })
    expect(await call(`send({ phone: '${phone}' })`)).toMatchObject({ ok: true })
    expect(await call('resend()')).toMatchObject({ reason: 'rate_limited', title: expect.any(String), retryAfterMs: expect.any(Number) })
    expect(await call(`verify({ code: '${service.lastCode()}' })`)).toMatchObject({ ok: true, phone, proof: expect.any(String) })
    expect(await call("verify({ code: '1' })")).toMatchObject({ reason: 'invalid_session' })
  })
})

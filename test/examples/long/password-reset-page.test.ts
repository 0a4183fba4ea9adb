import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeInBrowser } from '../../fixtures/browser.js'
import { newPassword, type ResetWorld, startResetWorld } from '../password-reset-world.js'

describeInBrowser('the page of the link, in a browser', (browser) => {
  let world: ResetWorld

  beforeAll(async () => {
    world = await startResetWorld()
  }, 60_000)
  afterAll(() => world.close())

  test('takes the phone, the code and, once it is asked for, the authenticator’s code', async () => {
    const { phone, totp } = await world.person({ totp: true })
    const context = await browser().newContext({ extraHTTPHeaders: { 'x-forwarded-for': '10.8.0.1' } })
    const page = await context.newPage()
    const faults: string[] = []
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
    page.on('pageerror', (error) => faults.push(error.message))
    const said = page.getByRole('status')

    await page.goto(`${world.url}/reset-password`)
    await page.getByLabel('Numéro de téléphone').fill(phone)
    await page.getByRole('button', { name: 'Recevoir un code' }).click()
    const code = await world.codeTo(phone)

    // The link of the text opens another tab of the same browser.
    const tab = await context.newPage()
    tab.on('pageerror', (error) => faults.push(error.message))
    await page.getByText('Si un compte existe').waitFor()
    await tab.goto(`${world.url}/reset-password`)
    await tab.getByLabel('Code reçu par SMS').fill(code)
    await tab.getByLabel('Nouveau mot de passe, 8 caractères au moins').fill(newPassword)
    await tab.getByLabel('Encore une fois').fill(newPassword)
    await tab.getByRole('button', { name: 'Changer de mot de passe' }).click()
    await tab.getByText('Code confirmé.').waitFor()
    await tab.getByLabel('Code de votre application d’authentification').fill(totp())
    await tab.getByRole('button', { name: 'Changer de mot de passe' }).click()
    await tab.getByText('Mot de passe réinitialisé.').waitFor()

    expect(await world.signIn(world.visitor(), phone, newPassword)).toBeDefined()
    expect(await tab.evaluate('Object.keys(localStorage)')).toEqual([])
    expect(tab.url()).toBe(`${world.url}/reset-password`)
    expect(await said.textContent()).toContain('Si un compte existe')
    expect(faults).toEqual([])
    await context.close()
  })
})

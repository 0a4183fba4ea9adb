import { afterAll, beforeAll, expect, test } from 'vitest'
import { base, newPassword, oldPassword, type ResetWorld, startResetWorld, typed } from '../password-reset-world.js'
import type { Visitor } from '../visitor.js'

let world: ResetWorld

beforeAll(async () => {
  world = await startResetWorld()
}, 60_000)
afterAll(() => world.close())

const garbage = [null, true, 0, 1.5, '', ' ', '\u0000', '\u200b', '\ud800', 'x'.repeat(9_000), [], ['123456'], {}, { $ne: null }]
const session = { session_token: 'x', code: '123456' }
const password = typed(newPassword)

const bodies = [
  ['login', 'visitor', { phone: '+33612001234', password: 'x' }],
  ['password/forgot', 'visitor', { phone: '+33612001234' }],
  ['password/reset/resend', 'visitor', { session_token: 'x' }],
  ['password/reset/verify', 'visitor', session],
  ['password/reset/confirm', 'visitor', { ...session, ...password, totp: '123456' }],
  ['password/reset/confirm', 'visitor', { token: 'x', ...password }],
  ['password/change/request', 'member', { current_password: 'x' }],
  ['password/change/confirm', 'member', { ...session, ...password }],
] as const

test.each(bodies)('%s of a %s: garbage in any field is refused, and never a fault', { timeout: 60_000 }, async (path, who, body) => {
  // Somebody else for each field, so that no limit speaks first.
  const somebody = async () => {
    const visitor = world.visitor()
    if (who === 'member') visitor.bear((await world.signIn(visitor, (await world.person()).phone, oldPassword))?.access)
    return visitor
  }
  const seen = new Set<number>()
  const post = async (sent: unknown, by: Visitor, raw?: string) => {
    if (who === 'member') await world.advance(3_100)
    const { status } = await (who === 'member' ? by : world.visitor()).post(`${base}/${path}/`, sent, raw === undefined ? {} : { raw })
    seen.add(status)
  }

  for (const field of Object.keys(body)) {
    const by = await somebody()
    for (const value of [...garbage, undefined]) await post({ ...body, [field]: value }, by)
  }
  const by = await somebody()
  for (const raw of ['{', '[]', 'null', '"x"', '1', `{"x":"${'x'.repeat(20_000)}"}`]) await post(undefined, by, raw)
  const allowed = path === 'login' ? [400, 401, 413] : [400, 413]
  expect([...seen].filter((status) => !allowed.includes(status))).toEqual([])
  expect(seen).toContain(413)
})

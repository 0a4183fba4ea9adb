import { scrypt } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createPasswords } from '../../examples/accounts/password.js'
import { passwordProblems, passwordSentences } from '../../examples/accounts/password-policy.js'

// The real one, watched: how much work an answer takes is read from what it was asked for.
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>()
  return { ...crypto, scrypt: vi.fn(crypto.scrypt) }
})
const watched = vi.mocked(scrypt)
afterEach(() => void watched.mockClear())

/** What each call asked for, without password, salt and callback. */
const work = () => watched.mock.calls.map(([, salt, length, options]) => [(salt as Buffer).length, length, options])

const passwords = createPasswords(4)

describe('passwords', () => {
  test('keep cost, salt and hash, and never the same twice', async () => {
    const [one, two] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')]
    expect(one).toMatch(/^scrypt\$4\$[\w-]{22}\$[\w-]{43}$/)
    expect(one).not.toBe(two)
    expect([await passwords.matches('correct horse', one), await passwords.matches('correct horse', two)]).toEqual([true, true])
    expect(await passwords.matches('correct horsf', one)).toBe(false)
  })

  test.each([
    ['a composed and a decomposed letter', 'caf\u00e9 cr\u00e8me', 'cafe\u0301 cre\u0300me'],
    ['a ligature', 'o\ufb03ce hours', 'office hours'],
    ['full width digits', '\uff11\uff12\uff13 go now', '123 go now'],
  ])('take %s for what it looks like', async (_, typed, other) => {
    expect(await passwords.matches(other, await passwords.hash(typed))).toBe(true)
  })

  test('work as hard for nobody as for somebody', async () => {
    const hash = await passwords.hash('correct horse')
    watched.mockClear()
    expect(await passwords.matches('wrong', hash)).toBe(false)
    expect(await passwords.matches('wrong', undefined)).toBe(false)
    const [somebody, nobody] = work()
    expect(nobody).toEqual(somebody)
    expect(nobody).toEqual([16, 32, { N: 16, r: 8, p: 1, maxmem: 32_768 }])
  })

  test('still know a hash that was made at another cost', async () => {
    const hash = await createPasswords(3).hash('correct horse')
    expect(await passwords.matches('correct horse', hash)).toBe(true)
    expect(await passwords.matches('wrong', hash)).toBe(false)
    expect(await passwords.hash('correct horse')).toMatch(/^scrypt\$4\$/)
  })

  test.each(['', 'scrypt$4$$', 'scrypt$4$AAAA$', 'scrypt$4$AAAA$AAAA', '$2b$10$abcdefghijklmnopqrstuv'])(
    'open nothing to a hash that is none: %s',
    async (hash) => {
      expect(await passwords.matches('', hash).catch(() => false)).toBe(false)
    },
  )

  test('are made two at a time, wait in a line of 64, and whoever finds it full is told so', async () => {
    let [running, most] = [0, 0]
    const real = watched.getMockImplementation()
    watched.mockImplementation(((password: string, salt: Buffer, length: number, options: object, done: (...result: unknown[]) => void) => {
      most = Math.max(most, ++running)
      real?.(password, salt, length, options, (...result) => {
        running -= 1
        done(...result)
      })
    }) as unknown as typeof scrypt)
    const jobs = Array.from({ length: 70 }, () =>
      passwords.hash('correct horse').then(
        // Who comes the moment that a place is free waits like the others.
        () => passwords.hash('and again').then(() => 'made'),
        (error) => error.code,
      ),
    )
    const results = await Promise.all(jobs)
    if (real) watched.mockImplementation(real)
    expect(results.filter((result) => result === 'made')).toHaveLength(66)
    expect(results.filter((result) => result === 'EBUSY')).toHaveLength(4)
    expect([most, running]).toEqual([2, 0])
    expect(await passwords.hash('correct horse')).toBeTruthy()
  })
})

describe('the password policy', () => {
  test.each([
    ['correct horse battery', []],
    ['court', ['password_too_short']],
    ['é'.repeat(8), []],
    ['\u{1f600}'.repeat(7), ['password_too_short']],
    ['1'.repeat(7), ['password_too_short', 'password_numeric']],
    ['٣'.repeat(9), ['password_numeric']],
    ['a'.repeat(128), []],
    ['a'.repeat(129), ['password_too_long']],
    ['PassWord123', ['password_common']],
    ['ｐａｓｓｗｏｒｄ', ['password_common']],
    ['', ['password_too_short']],
  ])('%j: %j', (password, problems) => expect(passwordProblems(password)).toEqual(problems))

  const person = { firstName: 'Zoe\u0301 ', lastName: 'Ng', email: 'Tester.One@example.com', phone: '+33612345678' }

  test.each([
    ['xxtester.onexx', true],
    ['my33612345678!', true],
    ['Ngngngngng', false],
    ['example.com!', false],
  ])('%s is made of the person: %s', (password, isPersonal) => {
    expect(passwordProblems(password, person).includes('password_personal')).toBe(isPersonal)
  })

  test('whatever is typed: the length of what it looks like counts, however it was encoded', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 140 }), (password) => {
        const problems = passwordProblems(password)
        const length = [...password.normalize('NFKC')].length
        expect(problems.includes('password_too_short')).toBe(length < 8)
        expect(problems.includes('password_too_long')).toBe(length > 128)
        expect(passwordProblems(password.normalize('NFD'))).toEqual(problems)
        for (const problem of problems) expect(passwordSentences[problem].fr).not.toBe(passwordSentences[problem].en)
      }),
    )
  })

  test('whatever the name: it is found in any case, anywhere', { timeout: 60_000 }, () => {
    const word = fc.string({ unit: fc.constantFrom(...'abcxyzéèß09-'), minLength: 4, maxLength: 12 })
    fc.assert(
      fc.property(word, fc.string(), fc.string(), fc.boolean(), (firstName, before, after, composed) => {
        const password = `${before}${composed ? firstName : firstName.normalize('NFD')}${after}`
        // What begins with a combining mark would change the name's last letter.
        fc.pre(!/^\p{M}/u.test(after))
        expect(passwordProblems(password, { firstName: composed ? firstName.normalize('NFD') : firstName })).toContain('password_personal')
      }),
    )
  })
})

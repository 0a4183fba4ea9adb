import { createEndpoints } from 'phone-verify/http'
import { createTestVerifier } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { type HttpOptions, readOptions } from '../../src/http/options.js'

const functions = ['tenant', 'subject', 'payload', 'context', 'locale', 'client', 'decoy', 'onVerified', 'onError', 'waitUntil']

const wrong: Readonly<Record<string, readonly unknown[]>> = {
  purpose: ['', 7, null, {}, ['login'], true],
  languages: ['fr', [7], {}, null, [undefined]],
  trustedProxies: [-1, 1.5, 21, Number.NaN, '1', true, null, Number.POSITIVE_INFINITY],
  basePath: ['phone', '/', '/phone/', '/a//b', '/a b', '/:id', '/*', '/%2f', null, 7, 'https://a.example'],
  cors: ['*', true, [], null, () => {}],
  disclosure: ['', 'Uniform', true, null],
  maxBodyBytes: [0, 1_023, 1_048_577, 4_096.5, '4096', null, Number.POSITIVE_INFINITY],
  webhooks: [true, [], 'twilio', null],
  ...Object.fromEntries(functions.map((name) => [name, ['x', {}, true, null]])),
  purpse: ['login', undefined],
  __proto: [1],
}

const problemsOf = (options: unknown) => {
  try {
    readOptions(options as HttpOptions<unknown>)
  } catch (error) {
    return (error as { readonly problems: readonly { readonly option: string }[] }).problems.map(({ option }) => option)
  }
  return []
}

describe('options of an endpoint', () => {
  const each = Object.entries(wrong).flatMap(([option, values]) => values.map((value) => [option, value] as const))
  test.each(each)('%s: %j is refused by its name', (option, value) => {
    const { verifier } = createTestVerifier()
    const options = { purpose: 'login', [option]: value } as HttpOptions<unknown>
    expect(() => createEndpoints(verifier, options)).toThrowError(
      expect.objectContaining({ code: 'ERR_PV_CONFIGURATION', message: expect.stringMatching(new RegExp(`^${option}`)) }),
    )
  })

  test.each([undefined, null, 'login', [], () => {}])('%s is no options', (options) => expect(problemsOf(options)).toEqual(['options']))

  test('all that is wrong is said at once', () => {
    expect(problemsOf({ tenant: 1, nothing: 2, trustedProxies: -1 })).toEqual(['tenant', 'nothing', 'trustedProxies', 'purpose'])
    expect(problemsOf({})).toEqual(['purpose'])
  })

  test('what is undefined is absent', () => {
    const absent = Object.fromEntries(
      [...functions, 'languages', 'trustedProxies', 'basePath', 'cors', 'disclosure', 'webhooks'].map((name) => [name, undefined]),
    )
    expect(problemsOf({ purpose: 'login', ...absent })).toEqual([])
  })

  test.each(['', '/phone', '/a/b.c/~d_e-f'])('basePath may be %j', (basePath) =>
    expect(problemsOf({ purpose: 'login', basePath })).toEqual([]),
  )

  test('have defaults', () => {
    expect(readOptions({ purpose: 'login' })).toMatchObject({
      basePath: '',
      trustedProxies: 0,
      maxBodyBytes: 4_096,
      disclosure: 'detailed',
    })
    expect(readOptions({ purpose: 'password_reset' }).disclosure).toBe('uniform')
    expect(readOptions({ purpose: 'password_reset', disclosure: 'detailed' }).disclosure).toBe('detailed')
  })

  test('come from the object itself, never from its prototype', () => {
    expect(problemsOf(Object.create({ purpose: 'login' }))).toEqual(['purpose'])
    const inherited: HttpOptions<unknown> = Object.assign(Object.create({ disclosure: 'uniform', trustedProxies: 20 }), {
      purpose: 'login',
    })
    expect(readOptions(inherited)).toMatchObject({ disclosure: 'detailed', trustedProxies: 0 })
  })

  test('a polluted prototype says nothing', () => {
    const all = Object.prototype as unknown as Record<string, unknown>
    const theirs: Readonly<Record<string, unknown>> = { tenant: () => 'theirs', decoy: () => true, webhooks: {} }
    Object.assign(all, theirs)
    const { tenant, decoy, webhooks } = readOptions({ purpose: 'login' })
    for (const name of Object.keys(theirs)) delete all[name]
    expect([tenant, decoy, webhooks]).toEqual([undefined, undefined, undefined])
  })
})

import Fastify from 'fastify'
import { phoneVerifyPlugin } from 'phone-verify/fastify'
import { createTestVerifier } from 'phone-verify/testing'
import { describe, expect, test } from 'vitest'
import { phone } from './conversation.js'

describe('the Fastify plugin', () => {
  test.each([
    ['', '', '/send'],
    ['/', '', '/send'],
    ['/phone', '', '/phone/send'],
    ['/phone/', '', '/phone/send'],
    ['/api/v1', '/phone', '/api/v1/phone/send'],
    ['/', '/phone', '/phone/send'],
    ['/:tenant/phone', '', '/a-rather-long-tenant/phone/send'],
    ['/:tenant', '/phone', '/a/phone/send'],
  ])('with the prefix %j and the base path %j answers at %s, and nowhere else', async (prefix, basePath, url) => {
    const { verifier } = createTestVerifier()
    const app = Fastify()
    const tenant = (request: { readonly params: unknown }) => (request.params as { readonly tenant?: string }).tenant ?? 'none'
    await app.register(phoneVerifyPlugin, { prefix, basePath, verifier, purpose: 'login', tenant })
    const statusAt = async (path: string) => (await app.inject({ method: 'POST', url: path, payload: { phone } })).statusCode
    expect(await statusAt(`/x${url}`)).toBe(404)
    expect(await statusAt(`${url}/x`)).toBe(404)
    expect(await statusAt(url)).toBe(202)
    await app.close()
  })
})

import { describe, expect, test } from 'vitest'
import { addedHeaders } from '../../src/http/added-headers.js'

describe('addedHeaders', () => {
  test('names come in lower case, lists stay lists, and what is undefined is left out', () => {
    const cookies = ['a=1; HttpOnly', 'b=2']
    expect(addedHeaders({ 'Set-Cookie': cookies, 'X-One': 'één', nothing: undefined })).toEqual({ 'set-cookie': cookies, 'x-one': 'één' })
    expect(addedHeaders(undefined)).toEqual({})
  })

  test.each(['Content-Type', 'CONTENT-LENGTH', 'cache-control', 'Transfer-Encoding', 'connection'])('%s stays as the wire says', (name) => {
    expect(addedHeaders({ [name]: 'public' })).toEqual({})
  })

  test.each<readonly [string, unknown]>([
    ['set-cookie', 'name=Łukasz'],
    ['set-cookie', 'a=1\r\nX-Forged: 1'],
    ['set-cookie', ['a=1', 'b=\n']],
    ['set-cookie', null],
    ['x-count', 5],
    ['a header', 'text'],
    ['', 'text'],
  ])('%j: %j cannot be sent', (name, value) => {
    expect(() => addedHeaders({ [name]: value })).toThrow(TypeError)
  })
})

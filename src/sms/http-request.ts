/** What a mapping made, as text for the wire; undefined where it cannot be sent. A promise is an object too, and would be sent as `{}`. */
export function encodeBody(body: unknown): { readonly text: string; readonly type: string } | undefined {
  if (typeof body === 'string') return { text: body, type: 'text/plain;charset=utf-8' }
  if (body instanceof URLSearchParams) return { text: body.toString(), type: 'application/x-www-form-urlencoded;charset=utf-8' }
  if (typeof body !== 'object' || body === null || 'then' in body) return undefined
  return { text: JSON.stringify(body), type: 'application/json' }
}

const name = /^[\w!#$%&'*+.^`|~-]+$/
const value = /^[\t\x20-\x7e\x80-\xff]*$/
/** Of the connection, which is not the application's to steer. */
const steering = ['host', 'connection', 'keep-alive', 'content-length', 'transfer-encoding', 'expect', 'upgrade', 'te', 'trailer']

/** Headers with names in lower case, or undefined where one cannot be sent. */
export function encodeHeaders(headers: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof headers !== 'object' || headers === null || 'then' in headers) return undefined
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers)
  const sound = entries.every(
    ([key, given]) => name.test(key) && !steering.includes(key.toLowerCase()) && typeof given === 'string' && value.test(given),
  )
  return sound ? Object.fromEntries(entries.map(([key, given]) => [key.toLowerCase(), given as string])) : undefined
}

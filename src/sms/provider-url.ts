const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** An address that codes and credentials may be sent to: https, or http on this machine; without credentials of its own. Else undefined. */
export function providerUrl(value: unknown): URL | undefined {
  if (typeof value !== 'string' && !(value instanceof URL)) return undefined
  if (!URL.canParse(String(value))) return undefined
  const url = new URL(String(value))
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.hostname))
  return isSafe && url.username === '' && url.password === '' ? url : undefined
}

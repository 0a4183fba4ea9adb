/** What of a request tells whose page sent it. */
export interface Sender {
  readonly method: string
  readonly origin: string | undefined
  readonly fetchSite: string | undefined
}

/**
 * Whether somebody else's page makes a visitor's browser send this. Browsers say so themselves (`Sec-Fetch-Site`, or `Origin` before
 * that), and what is no browser says neither: it has no cookies to misuse. Reading changes nothing and is left alone.
 */
export function isCrossSite({ method, origin, fetchSite }: Sender, publicUrl: URL): boolean {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return false
  if (fetchSite !== undefined) return fetchSite !== 'same-origin' && fetchSite !== 'none'
  return origin !== undefined && origin !== publicUrl.origin
}

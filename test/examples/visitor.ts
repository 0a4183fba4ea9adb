import { parseSetCookie } from 'cookie'

export interface Reply {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at what came, whatever it is
  readonly body: any
  readonly text: string
  readonly headers: Headers
}

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as it is, instead of JSON. */
  readonly raw?: string
}

/** A client over a socket: JSON in, JSON out, with a jar of cookies and, once said, an access token. */
export interface Visitor {
  request(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Reply>
  get(path: string, options?: RequestOptions): Promise<Reply>
  post(path: string, body?: unknown, options?: RequestOptions): Promise<Reply>
  put(path: string, body?: unknown, options?: RequestOptions): Promise<Reply>
  delete(path: string, body?: unknown, options?: RequestOptions): Promise<Reply>
  /** Sends `Authorization: Bearer` from now on. */
  bear(token: string | undefined): void
  readonly cookies: Map<string, string>
}

export function createVisitor(url: string, own: Readonly<Record<string, string>>): Visitor {
  const cookies = new Map<string, string>()
  let bearer: string | undefined

  const request: Visitor['request'] = async (method, path, body, { headers = {}, raw } = {}) => {
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(cookies.size > 0 && { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
        ...own,
        ...headers,
      },
      ...(sent !== undefined && { body: sent }),
    })
    for (const line of response.headers.getSetCookie()) {
      const { name, value = '', maxAge } = parseSetCookie(line)
      if (maxAge === 0) cookies.delete(name)
      else cookies.set(name, value)
    }
    const text = await response.text()
    const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, text, body: isJson ? JSON.parse(text) : undefined, headers: response.headers }
  }

  return {
    request,
    get: (path, options) => request('GET', path, undefined, options),
    post: (path, body, options) => request('POST', path, body, options),
    put: (path, body, options) => request('PUT', path, body, options),
    delete: (path, body, options) => request('DELETE', path, body, options),
    bear(token) {
      bearer = token
    },
    cookies,
  }
}

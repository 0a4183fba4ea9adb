import type { Payload } from '../domain/binding.js'

/** What a function of the server says of a request, at once or later. */
export type Said<Value> = Value | undefined | Promise<Value | undefined>

/** What a server says of a request, wherever codes or proofs are bound to it. `Request` is the framework's own. */
export interface SaidOptions<Request> {
  /** Whose request it is. With this function, a request for which it resolves to `undefined` is 404 `unknown_tenant`. */
  readonly tenant?: ((request: Request) => Said<string>) | undefined
  /** The account or pre-login session, in your own ids. */
  readonly subject?: ((request: Request) => Said<string>) | undefined
  /** What the person approves. */
  readonly payload?: ((request: Request) => Said<Payload>) | undefined
}

/** What they said, or nothing for a request that is no tenant's. */
export type SaidOfRequest =
  | { readonly tenant: string | undefined; readonly subject: string | undefined; readonly payload: Payload | undefined }
  | undefined

/** Asks for the tenant first. One that the server cannot tell is nobody's: the request never falls to another's terms. */
export async function saidOf<Request>({ tenant, subject, payload }: SaidOptions<Request>, request: Request): Promise<SaidOfRequest> {
  const whose = await tenant?.(request)
  if (tenant !== undefined && whose === undefined) return undefined
  const [who, what] = await Promise.all([subject?.(request), payload?.(request)])
  return { tenant: whose, subject: who, payload: what }
}

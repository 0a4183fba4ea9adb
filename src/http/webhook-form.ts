/** The fields of a form by their names. The values of one name stand once each, sorted, as they are signed. */
export type Form = ReadonlyMap<string, readonly string[]>

/** A body in `application/x-www-form-urlencoded`. Whatever it holds, it is some form. */
export function readForm(bytes: Uint8Array): Form {
  const form = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(Buffer.from(bytes).toString())) {
    const values = form.get(name)
    if (values === undefined) form.set(name, [value])
    else values.push(value)
  }
  return inOrder(form)
}

/** The form that a host's parser read; undefined when it made of a field what cannot be signed. */
export function asForm(parsed: unknown): Form | undefined {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined
  const form = new Map<string, string[]>()
  for (const [name, value] of Object.entries(parsed)) {
    const values: readonly unknown[] = [value].flat()
    if (!values.every((one) => typeof one === 'string')) return undefined
    form.set(name, [...values])
  }
  return inOrder(form)
}

/** Sorted by UTF-16 code units, as Twilio's own libraries do. */
const inOrder = (form: ReadonlyMap<string, readonly string[]>): Form =>
  new Map([...form].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, values]) => [name, [...new Set(values)].sort()]))

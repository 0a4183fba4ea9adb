/**
 * A BCP 47 language tag in its canonical form, or nothing. Whatever the visitor sent is judged here once, so that no wrapper ever sees
 * a raw header, a path or a property name.
 */
export function canonicalLocale(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[A-Za-z0-9]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}$/.test(value)) return undefined
  try {
    return Intl.getCanonicalLocales(value)[0]
  } catch {
    return undefined
  }
}

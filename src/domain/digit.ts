/**
 * A decimal digit of any script as the ASCII digit of the same value. Unicode gives every script its ten digits in one run, from zero to
 * nine, and runs that touch are whole tens (UAX #44, `Nd`).
 */
export function asciiDigit(digit: string): string {
  const codePoint = digit.codePointAt(0) as number
  let start = codePoint
  while (/\p{Nd}/u.test(String.fromCodePoint(start - 1))) start--
  return String((codePoint - start) % 10)
}

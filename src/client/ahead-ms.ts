/**
 * How far this device's clock is ahead of the server's, by the `Date` of a reply that has just come. Phones are minutes wrong, and a code
 * would seem to be over before it came. The header has whole seconds, and travelled: what is that small is no error. Where it cannot be read
 * (another origin that does not expose it), clocks are believed.
 */
export function aheadMs(date: string | null): number {
  const ms = Date.now() - Date.parse(date ?? '')
  return Math.abs(ms) > 3_000 ? ms : 0
}

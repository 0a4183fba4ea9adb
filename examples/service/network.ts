import { isIPv6 } from 'node:net'

/** What requests of an address are counted by: of IPv6 its /64, since one subscriber owns all of it. */
export function network(ip: string): string {
  if (!isIPv6(ip) || /^::ffff:/i.test(ip)) return ip
  // A URL writes an address in its shortest form, whatever form it came in.
  const [head = '', tail = ''] = new URL(`http://[${ip.replace(/%.*/, '')}]`).hostname.slice(1, -1).split('::')
  const groups = (half: string) => (half === '' ? [] : half.split(':'))
  const zeros = Array<string>(Math.max(0, 8 - groups(head).length - groups(tail).length)).fill('0')
  return `${[...groups(head), ...zeros, ...groups(tail)].slice(0, 4).join(':')}::/64`
}

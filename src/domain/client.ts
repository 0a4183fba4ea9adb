/** Who asks, as the server knows it: an id of its own (a device, a session), else a network address. */
export interface Client {
  readonly id?: string | undefined
  /** An IPv4 or IPv6 address; any other string, `unknown` say, is taken as it is. */
  readonly ip?: string | undefined
}

/**
 * What a client is counted by. IPv6 counts by its /64, since one subscriber owns all of it; an IPv4-mapped address is the IPv4 one, or
 * every dual-stack listener would put all of IPv4 into one /64.
 */
export function clientKey(client: Client | undefined): string | undefined {
  if (client?.id !== undefined) return `id:${client.id}`
  if (client?.ip !== undefined) return `ip:${network(client.ip)}`
  return undefined
}

function network(ip: string): string {
  // A proxy may append the port, a new one for every connection.
  const dotted = /^\s*(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?\s*$/.exec(ip)
  if (dotted || !ip.includes(':')) return dotted?.[1] ?? ip.trim().toLowerCase()
  const groups = ipv6Groups(
    ip
      .trim()
      .toLowerCase()
      .replace(/%[^\]]*/, '')
      .replace(/^\[(.*)\](?::\d{1,5})?$/s, '$1'),
  )
  if (groups === undefined) return ip.toLowerCase()
  const [, , , , , mapped, high = 0, low = 0] = groups
  if (mapped === 0xffff && groups.slice(0, 5).every((group) => group === 0)) return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
  return groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')
}

/** The eight groups of an IPv6 address (RFC 4291 §2.2), or nothing. */
function ipv6Groups(address: string): readonly number[] | undefined {
  const dotted = /^(.*:)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/s.exec(address)
  if (dotted) {
    const [a = 256, b = 256, c = 256, d = 256] = dotted.slice(2).map(Number)
    if (Math.max(a, b, c, d) > 255) return undefined
    return ipv6Groups(`${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`)
  }
  const halves = address.split('::')
  if (halves.length > 2) return undefined
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail]
  return groups.every((group) => /^[0-9a-f]{1,4}$/.test(group)) ? groups.map((group) => Number.parseInt(group, 16)) : undefined
}

const SHARDS = 128

const scratch = Buffer.allocUnsafeSlow(256)

/** A slice or a concatenation keeps the strings alive that it came from; its copy does not. What latin1 cannot hold stays as it is. */
export const flat = (text: string) => {
  if (text.length > scratch.length) return text
  const copy = scratch.toString('latin1', 0, scratch.write(text, 'latin1'))
  return copy === text ? copy : text
}

/** Many small maps: one Map of a million entries rehashes all of them at once and stalls the event loop for tens of milliseconds. */
export const createTable = <Value>(isOver: (value: Value) => boolean) => {
  const shards: (Map<string, Value> | undefined)[] = Array.from({ length: SHARDS })
  let size = 0
  // The ends of ids and keys are random in practice. Where they are not, the shards are uneven and all else holds.
  const shardOf = (key: string) => {
    let hash = 0
    for (let index = Math.max(0, key.length - 8); index < key.length; index++) hash = (hash * 31 + key.charCodeAt(index)) | 0
    hash &= SHARDS - 1
    shards[hash] ??= new Map()
    return shards[hash] as Map<string, Value>
  }
  const remove = (key: string) => {
    if (shardOf(key).delete(key)) size -= 1
  }
  const walk = function* () {
    for (;;) {
      yield
      for (const shard of shards) {
        for (const [key, value] of shard ?? []) {
          if (isOver(value)) remove(key)
          yield
        }
      }
    }
  }
  const cursor = walk()
  return {
    size: () => size,
    remove,
    get(key: string) {
      const value = shardOf(key).get(key)
      if (value === undefined || !isOver(value)) return value
      remove(key)
      return undefined
    },
    put(key: string, value: Value) {
      const shard = shardOf(key)
      const before = shard.size
      shard.set(shard.has(key) ? key : flat(key), value)
      size += shard.size - before
    },
    /** Looks at the next so many records and frees those that are over. */
    sweep(visits: number) {
      for (let visit = 0; visit < visits && size > 0; visit++) cursor.next()
    },
  }
}

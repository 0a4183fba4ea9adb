import { createHash } from 'node:crypto'
import { quotas } from './redis-quotas.js'

/** One verb of the store as a Lua script, and the name Redis knows it by. */
export interface Script {
  readonly text: string
  readonly sha: string
}

const script = (...parts: readonly string[]): Script => {
  const text = parts.join('\n')
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

/**
 * A record is a hash: d digest, n attempts left, e end of the code, z end of the record, c the call that closed it, r the replication id
 * of the server, and the name of every call that opened, renewed or guessed. A quota key is a sorted set of calls by time, and of '' at
 * minus the longest window that it was hit with.
 *
 * - The clock is the server's, read once.
 * - Comparisons are written so that what is not a number refuses.
 * - A client that lost its connection may send a script again: the call it names is undone before it is done, so it counts once.
 */
const prelude = `
local call, at = ARGV[1], 1
local function argument()
  at = at + 1
  return ARGV[at]
end
local fenced = argument()
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- A server that restarted, or was promoted, may have forgotten guesses, and has a replication id of its own from then on, be it the
-- master of old again: what was recorded under another id is dead.
local run = ''
if fenced == '1' then run = string.sub(string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)'), 1, 12) end
-- What lives under a key, and whether anything is there.
local function find(key)
  local field = redis.call('HMGET', key, 'd', 'n', 'e', 'z', 'c', 'r', call)
  local ends, isThere = tonumber(field[4]), field[1] or field[4] or field[6]
  if not ends or not (now < ends) or field[6] ~= run then return nil, isThere end
  return {
    digest = field[1], attempts = tonumber(field[2]) or 0, codeEnds = tonumber(field[3]) or 0, ends = ends, closer = field[5], isOurs = field[7]
  }, true
end
local function exhausted(record)
  return not (record.attempts >= 1 and record.attempts <= 100)
end
local function openOneShot(key, ttl)
  local live, isThere = find(key)
  if live then return end
  if isThere then redis.call('DEL', key) end
  redis.call('HSET', key, 'z', now + ttl, 'r', run)
  redis.call('PEXPIREAT', key, now + ttl)
end
`

const open = `
local record, isThere = find(KEYS[1])
if record and not record.isOurs then return { 'exists', math.max(0, record.codeEnds - now), record.ends - now } end
if not test() then return { 'limited', limited, wait } end
local answer = take({ 'opened' })
local digest, attempts, ttl, life = argument(), argument(), tonumber(argument()), tonumber(argument())
if isThere then redis.call('DEL', KEYS[1]) end
if life > 0 then
  redis.call('HSET', KEYS[1], 'd', digest, 'n', attempts, 'e', now + math.min(ttl, life), 'z', now + life, 'r', run, call, '')
  redis.call('PEXPIREAT', KEYS[1], now + life)
end
return answer
`

const renew = `
local record = find(KEYS[1])
if not record or not record.digest then return { 'absent' } end
if record.closer then return { 'closed' } end
if exhausted(record) then return { 'exhausted' } end
if not test() then return { 'limited', limited, wait } end
local answer = take({ 'renewed', 0 })
local ttl, digest = tonumber(argument()), argument()
local codeEnds = math.min(record.ends, now + ttl)
redis.call('HSET', KEYS[1], 'e', codeEnds, call, '')
if digest then redis.call('HSET', KEYS[1], 'd', digest) end
answer[2] = codeEnds - now
return answer
`

const attempt = `
local record = find(KEYS[1])
if not record or not record.digest then return { 'absent' } end
if not (now < record.codeEnds) then return { 'expired' } end
if record.closer then return { 'closed' } end
if record.isOurs then record.attempts = record.attempts + 1 end
if exhausted(record) then return { 'exhausted' } end
if not test() then return { 'limited', limited, wait } end
local left = record.attempts - 1
redis.call('HSET', KEYS[1], 'n', left, call, '')
return take({ 'granted', record.digest, left })
`

const close = `
local record = find(KEYS[1])
if not record then return { 'absent' } end
if record.closer then return { record.closer == call and 'closed' or 'already' } end
redis.call('HSET', KEYS[1], 'c', call)
local hits, releases, shots = argument(), tonumber(argument()), tonumber(argument())
for index = 1, releases do forget(KEYS[1 + index], hits) end
for index = 1, shots do openOneShot(KEYS[1 + releases + index], tonumber(argument())) end
return { 'closed' }
`

const release = `
for index = 1, #KEYS do forget(KEYS[index], ARGV[1]) end
return { 'released' }
`

/** Forgets a key wholly or, behind a '=', the hits of one call. What is left of a key without hits is the note of its longest window. */
const forget = `
local function forget(key, which)
  local call = string.sub(which, 2)
  if which == '' then
    redis.call('DEL', key)
  elseif call ~= '' and redis.call('ZREM', key, call) == 1 and redis.call('ZCARD', key) == 1 then
    redis.call('DEL', key)
  end
end
`

/** Each verb of the store: one script, and so one atomic step. */
export const scripts = {
  open: script(prelude, quotas, open),
  renew: script(prelude, quotas, renew),
  attempt: script(prelude, quotas, attempt),
  close: script(prelude, forget, close),
  release: script(forget, release),
  /** By a key, so that every server of a cluster can be asked. */
  info: script("return redis.call('INFO')"),
} as const

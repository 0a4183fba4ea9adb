import { createHash } from 'node:crypto'

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
 * A record is a hash: d digest, n attempts left, e end of the code, z end of the record, c the call that closed it, h the call that last
 * changed it, r the replication id of the server. A quota key is a sorted set of calls by time, and of '' at minus the longest window it was hit with.
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
local function whole(number)
  return string.format('%.0f', number)
end
-- A server that restarted, or was promoted, may have forgotten guesses, and has a replication id of its own from then on, be it the
-- master of old again: what was recorded under another id is dead.
local run = ''
if fenced == '1' then run = string.sub(string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)'), 1, 12) end
local function find(key)
  local field = redis.call('HMGET', key, 'd', 'n', 'e', 'z', 'c', 'h', 'r')
  local ends = tonumber(field[4])
  if not ends or not (now < ends) or field[7] ~= run then return nil end
  return { digest = field[1], attempts = tonumber(field[2]) or 0, codeEnds = tonumber(field[3]) or 0, ends = ends, closer = field[5], changer = field[6] }
end
local function exhausted(record)
  return not (record.attempts >= 1 and record.attempts <= 100)
end
local function openOneShot(key, ttl)
  if find(key) then return end
  local ends = whole(math.ceil(now + ttl))
  redis.call('DEL', key)
  redis.call('HSET', key, 'z', ends, 'r', run)
  redis.call('PEXPIREAT', key, ends)
end
`

/** Tests every quota before anything is written, then takes one hit of every key. */
const quotas = `
local keys, quotas = tonumber(argument()), tonumber(argument())
local shots = tonumber(argument())
local rooms, keep = {}, {}
local limited, wait
local function weigh(key, max, window)
  local since = '(' .. whole(math.floor(now - window))
  local count = redis.call('ZCOUNT', key, since, '+inf')
  local remaining = math.floor(max) - count - 1
  local score
  if not (remaining >= 0) then
    score = max >= 1 and redis.call('ZRANGE', key, -math.floor(max), -math.floor(max), 'WITHSCORES')[2]
  elseif count > 0 then
    score = redis.call('ZRANGEBYSCORE', key, since, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2]
  end
  return remaining, math.ceil((score or now) + window - now)
end
local function test(again)
  for index = 1, quotas do
    local which, max, window = tonumber(argument()), tonumber(argument()), tonumber(argument())
    local key, room = KEYS[1 + which], rooms[which]
    if again and not room then redis.call('ZREM', key, call) end
    local remaining, nextIn = weigh(key, max, window)
    if not (remaining >= 0) then
      limited = limited or index
      wait = math.max(wait or 0, nextIn)
    end
    keep[which] = math.max(keep[which] or 0, window)
    if not room then
      rooms[which] = { remaining, nextIn }
    elseif remaining < room[1] or remaining == room[1] and nextIn > room[2] then
      rooms[which] = { remaining, nextIn }
    end
  end
  return not limited
end
local function take(answer)
  for which = 1, keys do
    local key, longest = KEYS[1 + which], keep[which]
    local kept = tonumber(redis.call('ZSCORE', key, ''))
    if kept and -kept > longest then longest = -kept end
    if not kept then
      redis.call('ZADD', key, -longest, '', now, call)
    else
      if longest > -kept then redis.call('ZADD', key, -longest, '') end
      redis.call('ZREMRANGEBYSCORE', key, 0, whole(math.floor(now - longest)))
      redis.call('ZADD', key, now, call)
    end
    redis.call('PEXPIREAT', key, whole(math.ceil(now + longest)))
    table.insert(answer, rooms[which][1])
    table.insert(answer, rooms[which][2])
  end
  for which = 1, shots do openOneShot(KEYS[1 + keys + which], tonumber(argument())) end
  return answer
end
`

const open = `
local record = find(KEYS[1])
local again = record and record.changer == call
if record and not again then return { 'exists', math.max(0, record.codeEnds - now), record.ends - now } end
if not test(again) then return { 'limited', limited, wait } end
local answer = take({ 'opened' })
local digest, attempts, ttl, life = argument(), argument(), tonumber(argument()), tonumber(argument())
local ends = whole(math.floor(now + life))
redis.call('DEL', KEYS[1])
if life > 0 then
  redis.call('HSET', KEYS[1], 'd', digest, 'n', attempts, 'e', whole(math.floor(now + math.min(ttl, life))), 'z', ends, 'h', call, 'r', run)
  redis.call('PEXPIREAT', KEYS[1], ends)
end
return answer
`

const renew = `
local record = find(KEYS[1])
if not record or not record.digest then return { 'absent' } end
if record.closer then return { 'closed' } end
if exhausted(record) then return { 'exhausted' } end
if not test(record.changer == call) then return { 'limited', limited, wait } end
local answer = take({ 'renewed', 0 })
local ttl, digest = tonumber(argument()), argument()
local codeEnds = math.floor(math.min(record.ends, now + ttl))
redis.call('HSET', KEYS[1], 'e', whole(codeEnds), 'h', call)
if digest then redis.call('HSET', KEYS[1], 'd', digest) end
answer[2] = codeEnds - now
return answer
`

const attempt = `
local record = find(KEYS[1])
if not record or not record.digest then return { 'absent' } end
if not (now < record.codeEnds) then return { 'expired' } end
if record.closer then return { 'closed' } end
local again = record.changer == call
if again then record.attempts = record.attempts + 1 end
if exhausted(record) then return { 'exhausted' } end
if not test(again) then return { 'limited', limited, wait } end
local left = record.attempts - 1
redis.call('HSET', KEYS[1], 'n', whole(left), 'h', call)
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

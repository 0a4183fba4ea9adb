import { lifeMs, ttlMs } from './claims.js'
import { guessWindows, sendWindows } from './quotas.js'
import type { Window } from './windows.js'

const luaTable = (windows: Readonly<Record<string, readonly Window[]>>) =>
  `{ ${Object.values(windows)
    .map((of) => `{ ${of.map(({ max, windowMs }) => `{ ${max}, ${windowMs} }`).join(', ')} }`)
    .join(', ')} }`

/** A challenge is a hash: d digest, n attempts left, e end of the code, c closed. A limit is a sorted set of hits by time. */
const clock = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

/** KEYS[from + 1], ... are the keys of the limits, in their order. */
const limits = `
local function waitOf(key, windows, hits)
  local wait = 0
  for _, window in ipairs(windows) do
    if hits >= window[1] then
      wait = math.max(wait, redis.call('ZRANGE', key, -window[1], -window[1], 'WITHSCORES')[2] + window[2] - now)
    end
  end
  return wait
end
local hits = {}
local function waitOfAll(limits, from)
  local wait = 0
  for index, windows in ipairs(limits) do
    local key = KEYS[from + index]
    local count = redis.call('ZCARD', key)
    if count > 0 then count = count - redis.call('ZREMRANGEBYSCORE', key, 0, now - windows[#windows][2]) end
    hits[index] = count
    wait = math.max(wait, waitOf(key, windows, count))
  end
  return wait
end
local function take(limits, from, hit)
  for index, windows in ipairs(limits) do
    redis.call('ZADD', KEYS[from + index], now, hit)
    redis.call('PEXPIRE', KEYS[from + index], windows[#windows][2])
  end
end
`

/** KEYS: challenge, limits. ARGV: id, digest. */
const open = `
local limits = ${luaTable(sendWindows)}
local wait = waitOfAll(limits, 1)
if wait > 0 then return { wait, 0 } end
take(limits, 1, ARGV[1])
redis.call('HSET', KEYS[1], 'd', ARGV[2], 'n', 5, 'e', now + ${ttlMs})
redis.call('PEXPIRE', KEYS[1], ${lifeMs})
local resend = 0
for index, windows in ipairs(limits) do resend = math.max(resend, waitOf(KEYS[1 + index], windows, hits[index] + 1)) end
return { 0, resend }
`

const undo = `
redis.call('DEL', KEYS[1])
for index = 2, #KEYS do redis.call('ZREM', KEYS[index], ARGV[1]) end
`

/** KEYS: challenge, ledger, checks. ARGV: id. */
const spend = `
local challenge = redis.call('HMGET', KEYS[1], 'd', 'n', 'e', 'c')
if not challenge[1] or now >= tonumber(challenge[3]) then return { 'expired' } end
if challenge[4] then return { 'already_used' } end
if tonumber(challenge[2]) < 1 then return { 'too_many_attempts' } end
local limits = ${luaTable(guessWindows)}
local wait = waitOfAll(limits, 1)
if wait > 0 then return { 'limited', wait } end
local left = redis.call('HINCRBY', KEYS[1], 'n', -1)
take(limits, 1, ARGV[1] .. left)
`

/** KEYS: as `spend`, then proof. */
const win = `
redis.call('HSET', KEYS[1], 'c', 1)
redis.call('DEL', KEYS[2])
redis.call('SET', KEYS[4], 0, 'PX', ${lifeMs})
`

export const floorScripts = {
  open: clock + limits + open,
  undo,
  guess: `${clock + limits + spend}if ARGV[2] ~= challenge[1] then return { 'wrong', left } end${win}return { 'right' }`,
  spend: `${clock + limits + spend}return { 'spent', left, challenge[1] }`,
  win: `
local challenge = redis.call('HMGET', KEYS[1], 'd', 'c')
if not challenge[1] then return 'expired' end
if challenge[2] then return 'already_used' end${win}return 'won'`,
  redeem: `
local proof = redis.call('GET', KEYS[1])
if not proof then return 'expired' end
if proof ~= '0' then return 'already_redeemed' end
redis.call('SET', KEYS[1], 1, 'KEEPTTL')
return 'redeemed'`,
} as const

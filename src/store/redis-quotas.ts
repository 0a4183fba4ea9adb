/**
 * Tests every quota before anything is written, then takes one hit of every key. A key of few hits is read once and whole; of one with
 * many, each window asks for its count and its oldest hit. Between the prelude of a script and its own part.
 */
export const quotas = `
-- Of each quota the number of its key, its max and its window.
local keys, shots, quotas = tonumber(argument()), tonumber(argument()), argument()
local few = 12
local rooms, keep, read = {}, {}, {}
local limited, wait
local function look(key)
  local list = redis.call('ZRANGE', key, -few - 1, -1, 'WITHSCORES')
  local known = { size = #list / 2, hits = {} }
  for index = 2, #list, 2 do
    local member, score = list[index - 1], tonumber(list[index])
    if member == '' then
      known.kept = -score
    elseif member == call then
      redis.call('ZREM', key, call)
    else
      table.insert(known.hits, score)
    end
  end
  if known.size > few then known.kept = -tonumber(redis.call('ZSCORE', key, '')) end
  return known
end
local function weigh(key, known, max, window)
  local count, score = 0, nil
  if known.size <= few then
    local hits = known.hits
    local oldest = 1
    while hits[oldest] and hits[oldest] <= now - window do oldest = oldest + 1 end
    count = #hits - oldest + 1
    if count < max then score = hits[oldest] elseif max >= 1 then score = hits[#hits - max + 1] end
  else
    local since = '(' .. (now - window)
    count = redis.call('ZCOUNT', key, since, '+inf')
    if count >= max then
      score = max >= 1 and redis.call('ZRANGE', key, -max, -max, 'WITHSCORES')[2]
    elseif count > 0 then
      score = redis.call('ZRANGEBYSCORE', key, since, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2]
    end
  end
  return max - count - 1, (score or now) + window - now
end
-- A call that is there already was sent twice: its hit is given back, and taken anew.
local function test()
  for which = 1, keys do read[which] = look(KEYS[1 + which]) end
  local index = 0
  for which, max, window in string.gmatch(quotas, '(%d+) (%d+) (%d+)') do
    which, max, window, index = tonumber(which), tonumber(max), tonumber(window), index + 1
    local key, room = KEYS[1 + which], rooms[which]
    local remaining, nextIn = weigh(key, read[which], max, window)
    if not (remaining >= 0) then
      limited = limited or index
      wait = math.max(wait or 0, nextIn)
    end
    keep[which] = math.max(keep[which] or 0, window)
    if not room or remaining < room[1] or remaining == room[1] and nextIn > room[2] then rooms[which] = { remaining, nextIn } end
  end
  return not limited
end
local function take(answer)
  for which = 1, keys do
    local key, known = KEYS[1 + which], read[which]
    local longest = math.max(keep[which], known.kept or 0)
    if known.kept == longest then redis.call('ZADD', key, now, call) else redis.call('ZADD', key, -longest, '', now, call) end
    -- A short list is read anyway, and is cut when it is no more.
    if known.size >= few then redis.call('ZREMRANGEBYSCORE', key, 0, now - longest) end
    redis.call('PEXPIREAT', key, now + longest)
    table.insert(answer, rooms[which][1])
    table.insert(answer, rooms[which][2])
  end
  for which = 1, shots do openOneShot(KEYS[1 + keys + which], tonumber(argument())) end
  return answer
end
`

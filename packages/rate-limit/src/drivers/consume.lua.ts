/**
 * Decides and counts in one step, by the time of the server that keeps the count. The arithmetic is that of `algorithms/`,
 * which says why. KEYS[1]: the key. ARGV for gcra: cost, interval, tolerance; for sliding-window: cost, limit, part (times in
 * milliseconds). Answers: allowed, remaining, retry after and reset, in whole numbers.
 */
export const consumeScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local key, cost = KEYS[1], tonumber(ARGV[2])

local function gcra(interval, tolerance)
  local full = math.max(tonumber(redis.call('GET', key) or '0'), now)
  local after = full + cost * interval
  local excess = after - now - tolerance
  local allowed = excess <= interval / 1000
  if allowed then
    full = after
    redis.call('SET', key, string.format('%.3f', full), 'PX', math.ceil(full - now))
  end
  local reset = full - now
  local remaining = math.max(0, math.floor((tolerance - reset) / interval + 0.001))
  return { allowed and 1 or 0, remaining, allowed and 0 or math.ceil(excess), math.ceil(reset) }
end

local function window(limit, part)
  local newest = math.floor(now / part)
  local begun = now - newest * part
  local fields = {}
  for n = 0, 4 do fields[n + 1] = string.format('%.0f', newest - 4 + n) end
  local counts = redis.call('HMGET', key, unpack(fields))
  local counted = 0
  for n = 1, 5 do counted = counted + tonumber(counts[n] or '0') end
  if counted + cost <= limit then
    redis.call('HINCRBY', key, fields[5], cost)
    redis.call('HDEL', key, string.format('%.0f', newest - 5))
    redis.call('PEXPIRE', key, math.ceil(5 * part))
    return { 1, limit - counted - cost, 0, math.ceil(5 * part - begun) }
  end
  local passing, left = 0, counted + cost - limit
  while left > 0 do
    passing = passing + 1
    left = left - tonumber(counts[passing] or '0')
  end
  return { 0, math.max(0, limit - counted), math.ceil(passing * part - begun), math.ceil(5 * part - begun) }
end

if ARGV[1] == 'gcra' then return gcra(tonumber(ARGV[3]), tonumber(ARGV[4])) end
return window(tonumber(ARGV[3]), tonumber(ARGV[4]))
`

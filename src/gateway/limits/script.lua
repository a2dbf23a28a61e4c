-- KEYS: rate, live, day (one hash tag)
-- ARGV: emission_us, burst, max_live, live_ttl_ms, request_id, reserve_micro_usd, cap_micro_usd,
--       day_ttl_s; 0 is no such limit
-- Every check comes before every write, so that a refusal leaves nothing behind. An admitted request
-- is in the set of live ones, also without a limit on them: by that its release sees it.
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local emission, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local tat
if emission > 0 then
  tat = tonumber(redis.call('GET', KEYS[1]) or now)
  if tat < now then tat = now end
  local allow_at = tat + emission - emission * burst
  if now < allow_at then return {'rate', math.ceil((allow_at - now) / 1000)} end
end
local max_live = tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', math.floor(now / 1000))
if max_live > 0 and redis.call('ZCARD', KEYS[2]) >= max_live then return {'live', 1000} end
local cap, reserve = tonumber(ARGV[7]), tonumber(ARGV[6])
if cap > 0 then
  local spent = tonumber(redis.call('GET', KEYS[3]) or 0)
  if spent + reserve > cap then return {'day', 0} end
end
redis.call('INCRBY', KEYS[3], ARGV[6])
redis.call('EXPIRE', KEYS[3], ARGV[8])
if emission > 0 then
  local due = string.format('%.0f', tat + emission)
  redis.call('SET', KEYS[1], due, 'PX', math.ceil((tat + emission - now) / 1000) + 1000)
end
redis.call('ZADD', KEYS[2], math.floor(now / 1000) + ARGV[4], ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return {'ok', 0}

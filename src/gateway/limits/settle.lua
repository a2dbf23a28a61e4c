-- KEYS: live, day (one hash tag)
-- ARGV: request_id, reserved_micro_usd, spent_micro_usd, day_ttl_s
-- Counts what a request cost in place of what it held back. It holds nothing if it was not admitted,
-- or if its place was lost with the data of the server: then there is nothing to give back.
local held = 0
if redis.call('ZREM', KEYS[1], ARGV[1]) == 1 then held = tonumber(ARGV[2]) end
local difference = tonumber(ARGV[3]) - held
if difference ~= 0 then
  redis.call('INCRBY', KEYS[2], string.format('%.0f', difference))
  redis.call('EXPIRE', KEYS[2], ARGV[4])
end
return 0

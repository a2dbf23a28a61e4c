-- KEYS: live, day (one hash tag)
-- ARGV: request_id, reserve_micro_usd
-- Gives back what a request holds if it was admitted: whoever asks cannot know that.
if redis.call('ZREM', KEYS[1], ARGV[1]) == 1 then
  redis.call('DECRBY', KEYS[2], ARGV[2])
end
return 0

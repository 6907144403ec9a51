export { redisRateLimits, type RedisRateLimits, type RedisRateLimitsOptions } from './drivers/redis.ts'

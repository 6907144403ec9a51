export { redisEventBus, type RedisEventBus, type RedisEventBusOptions } from './drivers/redis.ts'
export { streamCarrier, type StreamCarrierOptions } from './durable/stream-carrier.ts'

export { memoryRateLimits, type MemoryRateLimitsOptions } from './drivers/memory.ts'

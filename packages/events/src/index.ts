export { memoryEventBus, type MemoryEventBusOptions } from './drivers/memory.ts'

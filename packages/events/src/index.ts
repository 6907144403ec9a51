export { memoryEventBus, type MemoryEventBusOptions } from './drivers/memory.ts'
export {
  durableEvents,
  type DurableEventsOptions,
  type RunningDurableEvents,
} from './durable/durable-events.ts'

export * from './durable-events.ts'
export * from './event-bus.ts'
export * from './event-classes.ts'
export * from './event-map.ts'

export * from './event-bus.ts'
export * from './event-map.ts'

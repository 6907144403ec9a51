export { memoryAuditLog, type MemoryAuditOptions } from './drivers/memory.ts'

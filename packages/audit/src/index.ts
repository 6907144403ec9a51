export { type Head as AuditHead, headText, parseHead } from './chain/anchor.ts'
export { exportChain } from './chain/export.ts'
export { type AuditFault, type AuditVerdict, verifyChain, type VerifyOptions } from './chain/verify.ts'
export {
  auditPlace,
  type ChainedAuditLog,
  chainedFileAuditLog,
  type ChainedFileOptions,
} from './drivers/chained-file.ts'
export { memoryAuditLog, type MemoryAuditOptions } from './drivers/memory.ts'

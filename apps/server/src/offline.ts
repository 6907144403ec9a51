export {
  keyIdOf,
  type LockEntry,
  makePackage,
  makeSigningKey,
  parseLock,
  readPackage,
  readPrivateKey,
  readPublicKey,
  sha256,
  signerOf,
  signPackage,
  trustedAs,
  type TrustedKey,
  trustStore,
} from '@covent/plugins/package'
export { homeOf } from './home.ts'
export { type AuditFiles, auditFiles } from './offline/audit-files.ts'
export { type OfflineDatabase, offlineDatabase } from './offline/database.ts'
export { describeCode } from './offline/describe-code.ts'
export { type Check, doctorChecks } from './offline/doctor.ts'
export { secretChecks } from './offline/secrets.ts'
export { type Offline, openOffline } from './offline/open-offline.ts'

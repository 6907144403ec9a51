export { describePlugin, type DescribeOptions } from './package/describe-plugin.ts'
export { lockDifferences, type LockEntry, lockFile, parseLock, standingLock } from './package/lock-file.ts'
export { makePackage, type PackageParts, type PluginPackage, readPackage } from './package/plugin-package.ts'
export { keyIdOf, signPackage } from './package/signing/signature.ts'
export { type MadeKey, makeSigningKey, readPrivateKey, readPublicKey } from './package/signing/signing-key.ts'
export { sha256 } from './package/archive.ts'
export {
  signerOf,
  type TrustedKey,
  trustedAs,
  type TrustStore,
  trustStore,
} from './package/signing/trust-store.ts'

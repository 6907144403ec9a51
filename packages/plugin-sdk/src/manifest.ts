export { describePlugin } from './describe-plugin.ts'
export {
  permissionRisk,
  type PermissionRisk,
  permissionWords,
  type PermissionWords,
  secretWords,
} from './permission-words.ts'
export { isOpenVariable } from './permission-schemas.ts'
export {
  limitsSchema,
  type Manifest,
  type ManifestAction,
  manifestSchema,
  reachOf,
} from './manifest-schema.ts'

export { describePlugin } from './describe-plugin.ts'
export { type Manifest, type ManifestAction, manifestSchema } from './manifest-schema.ts'

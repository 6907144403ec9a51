export { type Environment } from './read/environment.ts'
export { environmentSecrets } from './read/environment-secrets.ts'
export { jsonSchemaOf } from './json-schema.ts'
export { loadConfig, type LoadConfigOptions } from './load-config.ts'

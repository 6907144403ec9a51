export type { ApiDeps, ApiSettings } from './api-deps.ts'
export { Api, createApi } from './create-api.ts'

export type { ApiDeps, ApiSettings } from './api-deps.ts'
export type { RateSettings } from './limits/limit-table.ts'
export { Api, createApi } from './create-api.ts'

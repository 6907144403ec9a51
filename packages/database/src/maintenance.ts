export { type CopiedTable, copyDatabase } from './maintenance/copy-database.ts'
export {
  type DatabasePlace,
  migrateSchema,
  type SchemaState,
  schemaState,
} from './maintenance/schema-state.ts'

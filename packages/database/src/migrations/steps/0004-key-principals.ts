import type { Migration } from 'kysely/migration'
import type { Flavour } from '../flavour.ts'

/** As whom a key acts that replaces another one. */
export const keyPrincipals = ({ text }: Flavour): Migration => ({
  async up(db) {
    await db.schema.alterTable('api_keys').addColumn('principal_id', text).execute()
  },
})

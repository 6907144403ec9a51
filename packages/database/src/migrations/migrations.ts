import type { Migration } from 'kysely/migration'
import { stores } from './0001-stores.ts'
import type { Flavour } from './flavour.ts'

/** In the order of their names; one that has been released is never changed. */
export const migrations = (flavour: Flavour): Readonly<Record<string, Migration>> => ({
  '0001-stores': stores(flavour),
})

import type { Migration } from 'kysely/migration'
import { stores } from './steps/0001-stores.ts'
import { plugins } from './steps/0002-plugins.ts'
import { pluginVersions } from './steps/0003-plugin-versions.ts'
import { keyPrincipals } from './steps/0004-key-principals.ts'
import { secrets } from './steps/0005-secrets.ts'
import { devices } from './steps/0006-devices.ts'
import { memories } from './steps/0007-memories.ts'
import { outbox } from './steps/0010-outbox.ts'
import { jobs } from './steps/0013-jobs.ts'
import { turnHolds } from './steps/0012-turn-holds.ts'
import { secondFactors } from './steps/0014-second-factors.ts'
import type { Flavour } from './flavour.ts'
import type { MigrationName } from './names.ts'

/** One that has been released is never changed. */
export const migrations = (flavour: Flavour): Readonly<Record<MigrationName, Migration>> => ({
  '0001-stores': stores(flavour),
  '0002-plugins': plugins(flavour),
  '0003-plugin-versions': pluginVersions(flavour),
  '0004-key-principals': keyPrincipals(flavour),
  '0005-secrets': secrets(flavour),
  '0006-devices': devices(flavour),
  '0007-memories': memories(flavour),
  '0010-outbox': outbox(flavour),
  '0012-turn-holds': turnHolds(flavour),
  '0013-jobs': jobs(flavour),
  '0014-second-factors': secondFactors(flavour),
})

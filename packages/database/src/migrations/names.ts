/** Every migration by name, in the order in which they run; the modules that hold them load only when one is to run. */
export const migrationNames = [
  '0001-stores',
  '0002-plugins',
  '0003-plugin-versions',
  '0004-key-principals',
  '0005-secrets',
  '0006-devices',
  '0007-memories',
  '0010-outbox',
  '0012-turn-holds',
  '0013-jobs',
  '0014-second-factors',
] as const
export type MigrationName = (typeof migrationNames)[number]

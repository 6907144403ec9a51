import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const debianPostgres = (): string[] => {
  try {
    return readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`)
  } catch {
    return []
  }
}

/** Programs that tests use for real: what to look for, where besides PATH, and the Debian package that brings it. */
const programs = {
  bubblewrap: { binary: 'bwrap', package: 'bubblewrap', places: () => [] },
  redis: { binary: 'redis-server', package: 'redis-server', places: () => [] },
  postgres: { binary: 'postgres', package: 'postgresql', places: debianPostgres },
  podman: { binary: 'podman', package: 'podman', places: () => [] },
  runc: { binary: 'runc', package: 'runc', places: () => ['/usr/sbin'] },
  'secret-tool': { binary: 'secret-tool', package: 'libsecret-tools', places: () => [] },
  'gnome-keyring': { binary: 'gnome-keyring-daemon', package: 'gnome-keyring', places: () => [] },
  dbus: { binary: 'dbus-daemon', package: 'dbus', places: () => [] },
  runsc: { binary: 'runsc', package: 'runsc (gVisor)', places: () => [] },
} as const

export type Program = keyof typeof programs

/** Where that program is, or undefined. */
export const programPath = (program: Program): string | undefined => {
  const { binary, places } = programs[program]
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...places()]
  return folders.map((folder) => join(folder, binary)).find(isExecutable)
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * A suite that needs a program. Where it is missing the suite is skipped under a title that the reporter prints and
 * counts (`NOT RUN: …`); with `COVENT_TEST_REQUIRE=all` it fails instead.
 */
export const describeWith = (program: Program, suite: string, body: () => void): void => {
  if (programPath(program) !== undefined) {
    describe(suite, body)
    return
  }
  const { binary, package: name } = programs[program]
  const title = `NOT RUN: ${suite}: needs ${binary}, install ${name}`
  if (process.env['COVENT_TEST_REQUIRE'] === 'all')
    describe(title, () => it('is required', () => expect.fail(title)))
  else describe.skip(title, body)
}

/** A suite for container engines, which not every machine can start: never required, and never skipped silently. */
export const describeUnless = (missing: string | undefined, suite: string, body: () => void): void => {
  if (missing === undefined) describe(suite, body)
  else describe.skip(`NOT RUN: ${suite}: ${missing}`, body)
}

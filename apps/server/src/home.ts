import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { ConfigurationError } from '@covent/core'

/** Where all state lives: `COVENT_HOME`, else `~/.covent`. */
export const homeOf = (env: NodeJS.ProcessEnv): string =>
  resolve(env['COVENT_HOME'] || join(homedir(), '.covent'))

/** Makes the home where it is missing, and closes it and its folders to everybody but their owner. */
export const prepareHome = (home: string): void => {
  try {
    for (const folder of [home, join(home, 'data'), join(home, 'run'), join(home, 'plugins')]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      if ((statSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700)
    }
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown error'
    throw new ConfigurationError(
      'config.home-unusable',
      `the home ${home} cannot be used (${reason}): check that it is a folder of yours, or set COVENT_HOME to another one`,
      { cause },
    )
  }
}

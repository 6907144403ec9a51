import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { adminSocketPath, type ApiClient, apiClient } from '@covent/api/client'

/** Where all state lives: `COVENT_HOME`, else `~/.covent`. Asked without loading the server. */
export const homeOf = (env: NodeJS.ProcessEnv): string =>
  resolve(env['COVENT_HOME'] || join(homedir(), '.covent'))

/** A client of the home's server, as the operator. */
export const operator = (env: NodeJS.ProcessEnv): ApiClient =>
  apiClient({ socketPath: adminSocketPath(homeOf(env)) })

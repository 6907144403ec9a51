import { AppError } from '@covent/core'
import { compose } from '@covent/di'
import { loadServerConfig } from './config.ts'
import { defaultModules, roots } from './modules.ts'
import { serve } from './serve.ts'

/** Runs the default server until it is told to stop; says on stderr why it cannot start. Resolves with the exit code. */
export const runServer = async (argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> => {
  try {
    const config = await loadServerConfig(argv, env)
    return await serve(await compose(roots, ...defaultModules(config)), config)
  } catch (error) {
    console.error(`covent: ${AppError.is(error) ? error.message : explain(error)}`)
    return 1
  }
}

const explain = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : `unknown failure: ${String(error)}`

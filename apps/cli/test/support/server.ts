import { fileURLToPath } from 'node:url'
import { type ServerProcess, serverProcess, temporaryFolder } from '@covent/testing'
import { onTestFinished } from 'vitest'

const main = fileURLToPath(import.meta.resolve('@covent/server/main'))

/** A server from source on a home of its own unless one is given, ended with the test. */
export const startServer = async (
  env: Readonly<Record<string, string>> = {},
  home: string = temporaryFolder(),
): Promise<{ readonly home: string; readonly server: ServerProcess }> => {
  const flags = ['--conditions=@covent/source', '--disable-warning=ExperimentalWarning', '--disable-sigusr1']
  const server = await serverProcess({ command: [process.execPath, ...flags, main], home, env })
  onTestFinished(() => server.kill())
  return { home, server }
}

import { isUnreachable } from '@covent/api/client'
import { AppError } from '@covent/core'
import { homeOf } from './home.ts'
import { type Terminal, writeJson, writeLine } from './terminal.ts'

interface Failure {
  readonly code: string
  readonly message: string
}

/** Failures of ours in a sentence; of anything else the stack, since nobody foresaw it. */
const explain = (error: unknown, env: NodeJS.ProcessEnv): Failure => {
  if (AppError.is(error)) return { code: error.code, message: error.message }
  if (isUnreachable(error)) return { code: 'server.unreachable', message: noServer(env) }
  if (isCutOff(error))
    return {
      code: 'server.lost',
      message: 'the server went away; what it had accepted is answered after its next start',
    }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: 'cli.failed', message }
}

const noServer = (env: NodeJS.ProcessEnv): string =>
  `no server runs on ${homeOf(env)}; start one with \`covent start\` (in a checkout \`npm start\`), or set COVENT_HOME`

const isCutOff = (error: unknown): boolean => {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET' || message === 'aborted'
}

/** Says why a command failed: a sentence on stderr, and with `--json` an object on stdout. */
export const report = (error: unknown, terminal: Terminal, json: boolean): void => {
  const failure = explain(error, terminal.env)
  if (json) writeJson(terminal.stdout, { error: failure })
  else writeLine(terminal.stderr, `covent: ${failure.message}`)
}

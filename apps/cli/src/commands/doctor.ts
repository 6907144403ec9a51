import type { Check } from '@covent/server/offline'
import { Command } from 'commander'
import { bold, dim, type Terminal, writeJson, writeLine } from '../terminal.ts'

interface Options {
  readonly config?: string
  readonly json?: boolean
}

const lineOf = ({ ok, name, detail, remedy }: Check, out: Terminal['stdout']): string => {
  const line = `${ok ? '✓' : '✗'} ${bold(name, out)}  ${detail}`
  return ok || remedy === undefined ? line : `${line}\n    ${dim(`→ ${remedy}`, out)}`
}

interface Showing {
  readonly terminal: Terminal
  readonly exit: (code: number) => void
  readonly json: boolean
}

/** Lists findings; exits 1 where one is not well. */
export const showChecks = (checks: readonly Check[], { terminal, exit, json }: Showing): void => {
  const ok = checks.every((check) => check.ok)
  if (json) writeJson(terminal.stdout, { ok, checks })
  else for (const check of checks) writeLine(terminal.stdout, lineOf(check, terminal.stdout))
  if (!ok) exit(1)
}

/** The words with which the server finds its settings. */
export const configWords = (config: string | undefined): readonly string[] =>
  config === undefined ? [] : ['--config', config]

export const doctorCommand = (terminal: Terminal, exit: (code: number) => void): Command =>
  new Command('doctor')
    .description(
      'Check Node, home, port, sandbox, keys, secrets and model; say what to do about each finding',
    )
    .option('--config <file>', 'settings instead of covent.json in the home')
    .option('--json', 'write JSON')
    .action(async ({ config, json }: Options) => {
      const { doctorChecks } = await import('@covent/server/offline')
      const checks = await doctorChecks({ env: terminal.env, argv: configWords(config) })
      showChecks(checks, { terminal, exit, json: json === true })
    })

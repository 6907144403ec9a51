import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { AppError, systemClock } from '@covent/core'
import type { IsolationConfig } from '../../config.ts'
import type { Guarantees, IsolationDriver } from '../../drivers/isolation-driver.ts'
import { systemProgram } from '../../drivers/system-files.ts'
import { holdsByKernel, holdsByRuntime } from './isolation.ts'
import { levelDrivers } from './level-drivers.ts'

/** What one level of isolation holds on this machine, found by trying to break out. */
export interface SandboxFinding {
  readonly level: IsolationDriver['id']
  readonly ok: boolean
  /** Whether this server is told to use it; what is not wanted may be missing. */
  readonly isWanted: boolean
  readonly guarantees?: Guarantees
  /** Why it does not hold, or what is old about it. */
  readonly reason?: string
  readonly remedy?: string
}

const run = promisify(execFile)

const appArmorRemedy = `allow user namespaces for bubblewrap: write /etc/apparmor.d/bwrap with
abi <abi/4.0>,
include <tunables/global>
profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }
and run: systemctl reload apparmor`

const knob = (path: string): Promise<string> =>
  readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => '',
  )

const remedyFor = async (): Promise<string> => {
  if (process.platform !== 'linux') return 'run the server on Linux'
  if ((await systemProgram('bwrap')) === undefined) return 'apt-get install bubblewrap'
  if ((await knob('/proc/sys/kernel/apparmor_restrict_unprivileged_userns')) === '1') return appArmorRemedy
  if ((await knob('/proc/sys/kernel/unprivileged_userns_clone')) === '0')
    return 'sysctl -w kernel.unprivileged_userns_clone=1'
  if ((await knob('/proc/sys/user/max_user_namespaces')) === '0')
    return 'sysctl -w user.max_user_namespaces=10000'
  return 'allow unprivileged user namespaces; in a container also its seccomp profile has to'
}

const oldBubblewrap = async (): Promise<Pick<SandboxFinding, 'reason' | 'remedy'>> => {
  const path = await systemProgram('bwrap')
  if (path === undefined) return {}
  const { stdout } = await run(path, ['--version'], { env: {} })
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(stdout) ?? []).slice(1).map(Number)
  if (major > 0 || minor >= 12) return {}
  return {
    reason: `bubblewrap ${major}.${minor} is older than the fix of CVE-2026-87766; these sandboxes mount nothing below a path that a plugin can write`,
    remedy: 'upgrade to bubblewrap 0.12 or newer',
  }
}

const engineRemedy = 'see deploy/sandbox/README.md'

const find = async (driver: IsolationDriver, isWanted: boolean): Promise<SandboxFinding> => {
  const { id: level } = driver
  const holds = level === 'process-weak' ? holdsByRuntime : holdsByKernel
  const failed = async (reason: string, guarantees?: Guarantees): Promise<SandboxFinding> => {
    const remedy = level === 'container' || level === 'vm' ? engineRemedy : await remedyFor()
    return { level, ok: false, isWanted, reason, remedy, ...(guarantees && { guarantees }) }
  }
  try {
    const guarantees = await driver.probe()
    if (!holds(guarantees)) return await failed('the probe broke out of it', guarantees)
    return { level, ok: true, isWanted, guarantees, ...(level === 'process' && (await oldBubblewrap())) }
  } catch (error) {
    return failed(AppError.is(error) ? error.message : String(error))
  }
}

/** Probes every level that is some boundary; for `covent doctor`. Takes about half a second, more with an engine. */
export const sandboxMatrix = async (settings: IsolationConfig): Promise<readonly SandboxFinding[]> => {
  const drivers = levelDrivers(settings, systemClock)
  const asked: readonly unknown[] = [...Object.values(settings.least), ...Object.values(settings.plugins)]
  const findings: SandboxFinding[] = []
  // One after another: a probe should not be slowed down by another one.
  for (const level of ['process', 'process-weak', 'container', 'vm'] as const)
    findings.push(await find(drivers[level], level.startsWith('process') || asked.includes(level)))
  return findings
}

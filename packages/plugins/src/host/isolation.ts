import { AppError, type IsolationLevel, type Logger, PluginError, type PluginInfo } from '@covent/core'
import type { Guarantees, IsolationDriver, Sandbox, SandboxSpec } from '../drivers/isolation-driver.ts'

export type Trust = PluginInfo['trust']

export interface OpenedSandbox {
  readonly sandbox: Sandbox
  readonly level: IsolationLevel
}

/** Decides, once it has been seen what holds, at which level a plugin runs. */
export interface Isolation {
  /** Starts a sandbox while the probe still runs, and gives it away only when the probe allows it. */
  open(trust: Trust, spec: SandboxSpec): Promise<OpenedSandbox>
  /** Probes, once. */
  decided(): Promise<void>
  /** Resolves when no probe runs. */
  ended(): Promise<void>
  readonly levels: { readonly thirdParty: IsolationLevel; readonly firstParty: IsolationLevel }
}

export interface IsolationOptions {
  readonly process: IsolationDriver
  readonly weak: IsolationDriver
  readonly allowWeak: boolean
  readonly logger: Logger
}

/** What the kernel layer must hold by itself before a stranger's code is let in. */
export const holdsByKernel = ({ fs, net, env, signals, disk, native }: Guarantees): boolean =>
  [fs, net, env, signals, disk, native].every((strength) => strength === 'kernel')

export const holdsByRuntime = ({ fs, net, env, disk, native }: Guarantees): boolean =>
  [fs, net, env, disk, native].every((strength) => strength !== 'none')

const remedy =
  'install bubblewrap (apt-get install bubblewrap), allow unprivileged user namespaces, see `covent doctor`'

const failureOf = async (
  driver: IsolationDriver,
  holds: (found: Guarantees) => boolean,
): Promise<string | undefined> => {
  try {
    const found = await driver.probe()
    if (holds(found)) return undefined
    const weak = Object.entries(found).filter(([, strength]) => strength === 'none' || strength === 'runtime')
    return `the probe broke out: ${weak.map(([what, strength]) => `${what} ${strength}`).join(', ')}`
  } catch (error) {
    return AppError.is(error) ? error.message : 'no sandbox starts'
  }
}

export const isolation = ({ process, weak, allowWeak, logger }: IsolationOptions): Isolation => {
  let firstParty: IsolationLevel = 'unavailable'
  let thirdParty: IsolationLevel = 'unavailable'
  let reason = 'the probe has not ended'
  let decision: Promise<void> | undefined

  const decide = async (): Promise<void> => {
    const failure = await failureOf(process, holdsByKernel)
    if (failure === undefined) return void (firstParty = thirdParty = 'process')
    reason = failure
    const weakFailure = await failureOf(weak, holdsByRuntime)
    if (weakFailure === undefined) firstParty = 'process-weak'
    if (allowWeak) thirdParty = firstParty
    logger.warn('isolation is weak', { reason, weakReason: weakFailure, firstParty, thirdParty, remedy })
  }
  const decided = (): Promise<void> => (decision ??= decide())
  const levelFor = async (trust: Trust): Promise<IsolationLevel> => {
    await decided()
    const level = trust === 'first-party' ? firstParty : thirdParty
    if (level !== 'unavailable') return level
    const choice = trust === 'first-party' ? '' : ', or set isolation.allowWeak knowingly'
    throw new PluginError('plugin.isolation-unavailable', `${reason}; ${remedy}${choice}`)
  }
  const discard = async (warm: Promise<Sandbox | undefined>): Promise<void> =>
    (await warm)?.kill(new PluginError('plugin.unavailable', 'the sandbox is not needed'))

  return {
    decided,
    ended: async () => decision,
    get levels() {
      return { firstParty, thirdParty }
    },
    async open(trust, spec) {
      const warm = process.spawn(spec).catch(() => undefined) // the probe says why it does not start
      try {
        const level = await levelFor(trust)
        const sandbox = level === 'process' ? await warm : undefined
        if (sandbox !== undefined) return { sandbox, level }
      } catch (error) {
        await discard(warm)
        throw error
      }
      await discard(warm)
      if (firstParty === 'process') throw new PluginError('plugin.crashed', 'the sandbox did not start')
      return { sandbox: await weak.spawn(spec), level: 'process-weak' }
    },
  }
}

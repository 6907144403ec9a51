import { AppError, type IsolationLevel, type Logger, PluginError } from '@covent/core'
import type { IsolationConfig } from '../../config.ts'
import type {
  Guarantees,
  IsolationDriver,
  Sandbox,
  SandboxLimits,
  SandboxSpec,
} from '../../drivers/isolation-driver.ts'
import { type Applicant, type Level, levelsFor } from './isolation-policy.ts'

export interface OpenedSandbox {
  readonly sandbox: Sandbox
  readonly level: Level
}

/** Decides, once it has been seen what holds, at which level a plugin runs. */
export interface Isolation {
  /** Starts a sandbox while the probe still runs, and gives it away only when the probe allows it. */
  open(plugin: Applicant, spec: SandboxSpec): Promise<OpenedSandbox>
  /** Throws `plugin.isolation-unavailable` where nothing on this machine is enough. */
  levelFor(plugin: Applicant): Promise<Level>
  /** Probes what plugins run in unless they or the operator ask for more, once. */
  decided(): Promise<void>
  /** Keeps processes of these limits waiting for plugins, where processes are held. */
  keepWarm(limits: SandboxLimits): Promise<void>
  /** Resolves when no probe runs and no process waits. */
  ended(): Promise<void>
  readonly levels: { readonly thirdParty: IsolationLevel; readonly firstParty: IsolationLevel }
}

export type LevelDrivers = Readonly<Record<Level, IsolationDriver>>

export interface IsolationOptions {
  readonly drivers: LevelDrivers
  readonly settings: IsolationConfig
  readonly logger: Logger
}

/** What the kernel layer must hold by itself before a stranger's code is let in. */
export const holdsByKernel = ({ fs, net, env, signals, disk, native }: Guarantees): boolean =>
  [fs, net, env, signals, disk, native].every((strength) => strength === 'kernel')

export const holdsByRuntime = ({ fs, net, env, disk, native }: Guarantees): boolean =>
  [fs, net, env, disk, native].every((strength) => strength !== 'none')

const remedies: Readonly<Record<Level, string>> = {
  process:
    'install bubblewrap (apt-get install bubblewrap), allow unprivileged user namespaces, see `covent doctor`',
  container: 'start Docker or Podman and build the image of deploy/sandbox, see `covent doctor`',
  vm: 'give the engine the OCI runtime runsc or kata, see `covent doctor`',
  'process-weak': 'run the server with Node 26',
  worker: '',
  inline: '',
}

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

/** Probes each level that is asked after, once; resolves with why it does not hold. */
const prober = (drivers: LevelDrivers) => {
  const failures = new Map<Level, Promise<string | undefined>>()
  const probe = (level: Level): Promise<string | undefined> => {
    if (level === 'inline' || level === 'worker') return Promise.resolve(undefined) // nothing is claimed of them
    return failureOf(drivers[level], level === 'process-weak' ? holdsByRuntime : holdsByKernel)
  }
  return {
    failure(level: Level): Promise<string | undefined> {
      const known = failures.get(level) ?? probe(level)
      failures.set(level, known)
      return known
    },
    ended: async (): Promise<void> => void (await Promise.all(failures.values())),
  }
}
type Prober = ReturnType<typeof prober>

const refusal = async (
  { trust, id }: Applicant,
  wanted: readonly Level[],
  { probes, settings }: { readonly probes: Prober; readonly settings: IsolationConfig },
): Promise<PluginError> => {
  const failures = await Promise.all(wanted.map(async (level) => `${level}: ${await probes.failure(level)}`))
  const mayBeWeak = trust !== 'first-party' && wanted[0] === 'process' && !settings.allowWeak
  const choice = mayBeWeak ? ', or set isolation.allowWeak knowingly' : ''
  return new PluginError(
    'plugin.isolation-unavailable',
    `${id ?? 'it'} needs isolation ${wanted[0]}, or more: ${failures.join('; ')}; ${remedies[wanted[0]!]}${choice}`,
  )
}

const discard = async (warm: Promise<Sandbox | undefined>): Promise<void> =>
  (await warm)?.kill(new PluginError('plugin.unavailable', 'the sandbox is not needed'))

const openAt = async (
  drivers: LevelDrivers,
  spec: SandboxSpec,
  decided: Promise<Level>,
): Promise<OpenedSandbox> => {
  const level = await decided
  return { sandbox: await drivers[level].spawn(spec), level }
}

/** Starts a process while it is still found out whether a process will do. */
const openSoon = async (
  drivers: LevelDrivers,
  spec: SandboxSpec,
  decided: Promise<Level>,
): Promise<OpenedSandbox> => {
  const warm = drivers.process.spawn(spec).catch(() => undefined) // the probe says why it does not start
  const level = await decided.catch(() => undefined)
  if (level !== 'process') {
    await discard(warm)
    return openAt(drivers, spec, decided)
  }
  const sandbox = await warm
  if (sandbox === undefined) throw new PluginError('plugin.crashed', 'the sandbox did not start')
  return { sandbox, level }
}

export const isolation = ({ drivers, settings, logger }: IsolationOptions): Isolation => {
  const probes = prober(drivers)
  let firstParty: IsolationLevel = 'unavailable'
  let thirdParty: IsolationLevel = 'unavailable'
  let decision: Promise<void> | undefined
  let spares: AsyncDisposable | undefined
  let hasEnded = false

  const levelFor = async (plugin: Applicant): Promise<Level> => {
    const wanted = levelsFor(plugin, settings)
    for (const level of wanted) if ((await probes.failure(level)) === undefined) return level
    throw await refusal(plugin, wanted, { probes, settings })
  }
  const orUnavailable = (error: unknown): IsolationLevel => {
    if (AppError.is(error)) logger.warn('isolation is unavailable', { reason: error.message })
    return 'unavailable'
  }
  const decide = async (): Promise<void> => {
    firstParty = await levelFor({ trust: 'first-party' }).catch(orUnavailable)
    thirdParty = await levelFor({ trust: 'unverified' }).catch(orUnavailable)
    if (firstParty !== 'process-weak' && thirdParty !== 'process-weak') return
    const reason = await probes.failure('process')
    logger.warn('isolation is weak', { reason, firstParty, thirdParty, remedy: remedies.process })
  }

  return {
    levelFor,
    decided: () => (decision ??= decide()),
    async keepWarm(limits) {
      await decision
      if (hasEnded || settings.warm === 0 || (await probes.failure('process')) !== undefined) return
      spares = drivers.process?.keepWarm?.(limits)
    },
    async ended() {
      hasEnded = true
      await decision
      await probes.ended()
      await spares?.[Symbol.asyncDispose]()
    },
    get levels() {
      return { firstParty, thirdParty }
    },
    async open(plugin, spec) {
      const isProcess = levelsFor(plugin, settings)[0] === 'process'
      return (isProcess ? openSoon : openAt)(drivers, spec, levelFor(plugin))
    },
  }
}

import { join } from 'node:path'
import {
  type ActionSpec,
  type AuditActor,
  type AuditLog,
  type BudgetSettings,
  type Channels,
  type Clock,
  type EventBus,
  type HealthRegistry,
  type Logger,
  type Metrics,
  PluginError,
  type PluginHost,
  type PluginMonitor,
  type PluginRegistry,
  rateGuard,
  type RateLimits,
  type RatePolicy,
  type RequestContext,
  type PluginRoutes,
  type SecretMask,
  type Service,
  type Stores,
  systemActor,
} from '@covent/core'
import type { IsolationConfig, PluginsConfig } from '../config.ts'
import { installedStore } from '../package/installed-store.ts'
import { lockFile } from '../package/lock-file.ts'
import { trustStore } from '../package/signing/trust-store.ts'
import { isolationLine } from './audit/lifecycle-lines.ts'
import type { Mind } from './broker/ai/mind.ts'
import type { WayOut } from './broker/broker-http.ts'
import { pluginBroker } from './broker/broker.ts'
import { runProgram } from './broker/programs/run-program.ts'
import { type FileStores, fileStores } from './broker/files/file-stores.ts'
import { pluginChannels, type PluginChannels } from './channels/plugin-channels.ts'
import { type Isolation, isolation } from './isolation/isolation.ts'
import { sandboxLimits } from './isolation/sandbox-limits.ts'
import { levelDrivers } from './isolation/level-drivers.ts'
import { pluginMonitor, pluginWatches } from './monitor/plugin-monitor.ts'
import { pluginRoutes } from './routes/plugin-routes.ts'
import { type Providing, providedTexts } from './parts/provided-texts.ts'
import { evaluate, offered, provide } from './parts/turn-parts.ts'
import { pluginHealth } from './plugin-health.ts'
import { type PluginRoster, pluginRoster } from './plugin-roster.ts'
import { type InstalledPlugins, installedPlugins } from './registry/installed-plugins.ts'
import { checkLock } from './registry/lock-desk.ts'
import { pluginRegistry } from './registry/plugin-registry.ts'
import type { BundledPlugin } from './source/plugin-source.ts'

export interface PluginHostOptions extends PluginsConfig {
  readonly isolation: IsolationConfig
  /** Plugins of the operator stand in `<home>/plugins/<name>/`. */
  readonly home: string
  /** The home folder of the person as whom the server runs, for `fs:read:home`. */
  readonly userHome?: string
  /** The server's environment, for `process:env:read`. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** First-party plugins, which get what their manifests require. */
  readonly bundled: readonly BundledPlugin[]
  /** What each plugin may ask of the server, on all replicas together. */
  readonly rate?: Omit<RatePolicy, 'name'> | undefined
  /** Reads `plugins.config` anew, for `plugins reconfigure`; it stays as it is when absent. */
  readonly rereadSettings?: () => Promise<PluginsConfig['config']>
  /** Actions with effect external, spend or exec that an operator may call. */
  readonly allowActions?: readonly string[]
  /** What models may be used for; as much as permissions leave, when absent. */
  readonly budgets?: BudgetSettings
}

export interface PluginHostServices {
  readonly logger: Logger
  readonly events: Pick<EventBus, 'emit' | 'on'>
  readonly stores: Pick<Stores, 'keyValues' | 'plugins'>
  readonly clock: Clock
  readonly metrics: Metrics
  readonly health: Pick<HealthRegistry, 'add'>
  readonly audit: AuditLog
  /** Whose request a change comes from. */
  readonly context?: Pick<RequestContext, 'current'>
  /** Hides secrets in the lines that are kept of plugins. */
  readonly mask?: Pick<SecretMask, 'text'>
  /** Without it no plugin asks a model, and none remembers. */
  /** Without them requests of plugins are not counted together. */
  readonly limits?: RateLimits
  readonly mind?: Mind
  /** Without it no plugin reaches the network. */
  readonly wayOut?: WayOut
}

const startWaitMs = 3_000

const levelsOf = (
  { isolation: settings }: PluginHostOptions,
  { clock, logger }: PluginHostServices,
): Isolation => isolation({ drivers: levelDrivers(settings, clock), settings, logger })

/** The installed store: files, records, and the keys that are trusted. */
const shelfOf = ({ home }: PluginHostOptions, { stores, logger, clock }: PluginHostServices) => {
  const lock = lockFile(home)
  const parts = { store: stores.plugins, files: installedStore(home), trust: trustStore(home), lock }
  return { ...parts, installed: installedPlugins({ ...parts, logger, clock }) }
}

/** As whom sandboxes run where the server runs as root. */
const nobodyOf = ({ isolation: { uid } }: PluginHostOptions) =>
  process.getuid?.() === 0 ? { uid, gid: uid } : undefined

const filesOf = (options: PluginHostOptions, { clock }: PluginHostServices): FileStores => {
  const { home, userHome } = options
  return fileStores({ home, userHome, settings: options, owner: nobodyOf(options), clock })
}

const requestCount = ({ rate }: PluginHostOptions, { limits }: PluginHostServices) =>
  limits === undefined ? () => undefined : rateGuard(limits, rate && { ...rate, name: 'plugin' })

const rosterOf = (
  options: PluginHostOptions,
  services: PluginHostServices,
  parts: {
    readonly levels: Isolation
    readonly installed: InstalledPlugins
    readonly files: FileStores
    readonly channels: PluginChannels
  },
): PluginRoster => {
  const { logger, events, stores, clock, metrics, audit, wayOut, mind } = services
  const { files } = parts
  const passed = { events, clock, audit, metrics }
  const broker = pluginBroker({
    ...passed,
    keyValues: stores.keyValues,
    wayOut,
    mind,
    count: requestCount(options, services),
    settings: options,
    files,
    environment: options.environment,
    runProgram: runProgram({ clock, logger, user: nobodyOf(options) }),
  })
  const shared = {
    config: options,
    cache: join(options.home, 'run', 'stripped'),
    isolation: parts.levels,
    broker,
    channels: parts.channels,
    events,
    clock,
    audit,
    mask: services.mask,
    metrics,
    random: Math.random,
  }
  const { home, bundled } = options
  const watchOf = pluginWatches(services)
  return pluginRoster({ home, bundled, logger, shared, watchOf, installed: parts.installed.entries })
}

/** Who asks for the change in hand; the server itself, where no request does. */
const actorOf = ({ context }: PluginHostServices): AuditActor => {
  const id = context?.current()?.principalId
  return id === undefined ? systemActor : { kind: 'principal', id }
}

/** Levels at which no kernel stands between a plugin and the host. */
const weak: ReadonlySet<string> = new Set(['process-weak', 'worker', 'inline'])

const noteLevels = ({ levels }: Isolation, { audit }: PluginHostServices): void => {
  const { firstParty, thirdParty } = levels
  if (weak.has(firstParty)) audit.note(isolationLine('first-party', firstParty))
  if (weak.has(thirdParty)) audit.note(isolationLine('third-party', thirdParty))
}

const providing = ({ plugins }: PluginRoster): readonly Providing[] =>
  plugins.flatMap((plugin) => {
    const { watch } = plugin
    const running = plugin.running()
    return running === undefined ? [] : [{ ...running, watch }]
  })

/** Whether the operator lets an action be called. */
const enabledIn = ({ disabledActions }: PluginHostOptions) => {
  const disabled = new Set(disabledActions)
  return ({ plugin, name }: Pick<ActionSpec, 'plugin' | 'name'>): boolean =>
    !disabled.has(`${plugin}/${name}`)
}

/** Plugins, and the changes that an operator makes of them. */
export interface PluginHostService extends PluginHost, Service {
  readonly registry: PluginRegistry
  readonly channels: Channels
  readonly monitor: PluginMonitor
  readonly routes: PluginRoutes
  settled(): Promise<void>
}

/**
 * Runs plugins. `start` resolves when each is ready, or known not to be, and after three seconds anyway, so that one
 * that loops while it is loaded does not hold up the server. A call of a plugin that is still starting waits for it.
 */
export const pluginHost = (options: PluginHostOptions, services: PluginHostServices): PluginHostService => {
  const levels = levelsOf(options, services)
  const shelf = shelfOf(options, services)
  const files = filesOf(options, services)
  const channels = pluginChannels({ ...services, random: Math.random })
  const roster = rosterOf(options, services, { levels, installed: shelf.installed, files, channels })
  const list = () => roster.plugins.map((plugin) => plugin.info())
  const running = () => roster.plugins.flatMap((plugin) => plugin.running() ?? [])
  const texts = providedTexts(services.clock)
  const isEnabled = enabledIn(options)
  let check: Disposable | undefined

  const settled = async (): Promise<void> => {
    await Promise.all([levels.decided(), roster.settled()])
  }
  const invoke: PluginHost['invoke'] = async (invocation, callOptions) => {
    const { plugin: id, action } = invocation
    if (!isEnabled({ plugin: id, name: action }))
      throw new PluginError('plugin.not-allowed', `the setting plugins.disabledActions names ${id}/${action}`)
    if (roster.find(id) === undefined) await settled()
    const plugin = roster.find(id)
    if (plugin !== undefined) return plugin.invoke(invocation, callOptions)
    throw new PluginError('plugin.not-found', `there is no plugin ${id}`)
  }
  const { allowActions = [], limits, rereadSettings = async () => options.config } = options
  const leave = { settings: options, allowActions, rereadSettings }
  const made = { roster, isolation: levels, forget: files.forget, actor: () => actorOf(services) }
  return {
    name: 'plugins',
    registry: pluginRegistry({ ...services, ...shelf, ...leave, ...made, invoke }),
    channels,
    monitor: pluginMonitor(() => roster.plugins, services.stores.keyValues),
    routes: pluginRoutes(running, services, options),
    list,
    settled,
    actions: () => roster.plugins.flatMap((plugin) => plugin.actions()).filter(isEnabled),
    offered: async (turn, { signal }) =>
      (await offered(running(), turn, { ...services, signal })).filter(isEnabled),
    get isolation() {
      return levels.levels
    },
    invoke,
    provide: (turn, { signal }) => provide(providing(roster), turn, { ...services, texts, signal }),
    evaluate: (turn) => evaluate(running(), turn, services),
    async start() {
      check = services.health.add(pluginHealth(list, levels))
      await files.start()
      await checkLock({ ...shelf, logger: services.logger })
      roster.begin()
      void levels.decided().then(() => noteLevels(levels, services))
      const ready = settled()
      void ready.then(() => levels.keepWarm(sandboxLimits(limits)))
      await Promise.race([ready, services.clock.sleep(startWaitMs)])
    },
    async stop() {
      check?.[Symbol.dispose]()
      await Promise.all([roster.stop(), levels.ended()])
    },
  }
}

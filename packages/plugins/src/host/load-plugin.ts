import {
  type Clock,
  type EventBus,
  type IsolationLevel,
  type Logger,
  type Metrics,
  PluginError,
  type SecretMask,
} from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import type { PluginsConfig } from '../config.ts'
import type { BrokerRequest, Sandbox, SandboxSpec } from '../drivers/isolation-driver.ts'
import { type LoadedAction, loadActions } from './action-schemas.ts'
import type { Broker } from './broker/broker.ts'
import type { Asker, BrokerMethod } from './broker/broker-method.ts'
import { type Decisions, type LiveGrants, liveGrants } from './grants/live-grants.ts'
import { requestMethod } from './grants/request-permission.ts'
import type { Isolation, OpenedSandbox } from './isolation/isolation.ts'
import type { Applicant, Trust } from './isolation/isolation-policy.ts'
import { emitMethod } from './parts/emit-event.ts'
import { areSame, sandboxLimits } from './isolation/sandbox-limits.ts'
import { type LoadedMethod, loadServices } from './parts/load-services.ts'
import { channelMethods, type PluginChannels } from './channels/plugin-channels.ts'
import type { ServiceDirectory } from './parts/service-directory.ts'
import { checkSays } from '../package/package-manifest.ts'
import { readManifest } from '../package/read-manifest.ts'
import { countCalls } from './reload/count-calls.ts'
import { type OpenedPackage, type PluginSource, readSource } from './source/plugin-source.ts'
import { checkRuntime } from './source/runtime-version.ts'
import { turnstile } from './turnstile.ts'
import { admit, checkListed, checkName, grantsFor } from './source/trust.ts'

/** A plugin that runs, and what it was let in as. */
export interface LoadedPlugin {
  readonly sandbox: Sandbox
  readonly manifest: Manifest
  readonly level: IsolationLevel
  readonly grants: ReadonlySet<string>
  /** Puts an operator's decisions in force; false where they are of another artifact than runs. */
  decide(digest: string, decisions: Decisions): boolean
  /** Resolves when no call of it is in flight. */
  idle(): Promise<void>
  readonly actions: ReadonlyMap<string, LoadedAction>
  /** Methods of its services, by `service/method`. */
  readonly services: ReadonlyMap<string, LoadedMethod>
}

export interface LoadOptions {
  readonly source: PluginSource
  readonly config: PluginsConfig
  /** Where stripped sources are kept. */
  readonly cache: string
  readonly isolation: Isolation
  readonly broker: Broker
  readonly directory: Pick<ServiceDirectory, 'methodFor'>
  readonly channels: Pick<PluginChannels, 'answer'>
  readonly logger: Logger
  readonly mask?: Pick<SecretMask, 'text'> | undefined
  readonly metrics?: Pick<Metrics, 'count' | 'observe'> | undefined
  readonly events: Pick<EventBus, 'emit'>
  readonly clock: Clock
  /** Refuses an id that is another plugin's. */
  claim(id: string): Promise<void>
  /** The manifest of an earlier start; another one now is a refusal. */
  readonly known: Manifest | undefined
  /** Ends a start that is under way. */
  readonly signal: AbortSignal
}

const requestsAtOnce = 8
const loadTimeoutMs = 10_000
const bytesPerMb = 1_048_576

const checkSame = (manifest: Manifest, known: Manifest | undefined): void => {
  if (known === undefined || JSON.stringify(known) === JSON.stringify(manifest)) return
  throw new PluginError('plugin.invalid', `${known.id} described itself differently after a restart`)
}

const parseSchemas = (manifest: Manifest): Pick<LoadedPlugin, 'actions' | 'services'> => {
  try {
    return { actions: loadActions(manifest), services: loadServices(manifest) }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown'
    throw new PluginError('plugin.invalid', `${manifest.id}: a schema cannot be used: ${reason}`, { cause })
  }
}

const quotaOf = ({ limits, permissions }: Manifest): number => {
  const asked = permissions.required['data:database'] ?? permissions.optional['data:database']
  return Math.min(limits.storageMb * bytesPerMb, asked?.maxBytes ?? Number.POSITIVE_INFINITY)
}

/** They may take long, and so wait for no place among a plugin's other requests. */
const takesItsTime = new Set(['services.call', 'permissions.request', 'ws.receive', ...channelMethods])

const askerOf = (
  manifest: Manifest,
  { grants, ...by }: Pick<Asker, 'trust' | 'isPackaged'> & { readonly grants: LiveGrants },
  { events, clock, directory, channels }: LoadOptions,
): Asker => ({
  ...by,
  grants: grants.granted,
  get withdrawn() {
    return grants.withdrawn
  },
  id: manifest.id,
  quotaBytes: quotaOf(manifest),
  manifest,
  own: new Map<string, BrokerMethod>([
    ['events.emit', emitMethod(manifest, events, clock)],
    ['permissions.request', requestMethod(manifest, grants, events)],
    ['services.call', directory.methodFor(manifest)],
    ...[...channelMethods].map((name) => [name, { run: channels.answer }] as const),
  ]),
})

interface Described extends OpenedSandbox {
  readonly manifest: Manifest
}

const applicant = (trust: Trust, manifest: Manifest | undefined): Applicant =>
  manifest === undefined ? { trust } : { trust, id: manifest.id, asked: manifest.isolation.level }

/** Whether the sandbox in which it described itself is one for it; it is ended where none is. */
const fits = async (opened: Described, { isolation, source, config }: LoadOptions): Promise<boolean> => {
  const { manifest, level, sandbox } = opened
  try {
    const wanted = await isolation.levelFor(applicant(source.trust, manifest))
    const { limits } = config
    return level === wanted && areSame(sandboxLimits(limits), sandboxLimits(limits, manifest))
  } catch (error) {
    sandbox.kill(new PluginError('plugin.invalid', `${manifest.id} was refused`))
    throw error
  }
}

/** What was decided of it before it started. What comes with the server gets nothing beside what it requires. */
const decisionsOf = (
  packaged: OpenedPackage | undefined,
  manifest: Manifest,
  { source: { trust }, config }: LoadOptions,
): Decisions => {
  if (packaged !== undefined) return packaged.decisions
  const granted = [...grantsFor(manifest, trust, config)].map((name) => [name, true] as const)
  const closed = trust === 'first-party' ? Object.keys(manifest.permissions.optional) : []
  return new Map([...closed.map((name) => [name, false] as const), ...granted])
}

const deciding =
  (sandbox: Sandbox, live: LiveGrants, packaged: OpenedPackage | undefined): LoadedPlugin['decide'] =>
  (digest, decisions) => {
    if (packaged?.digest !== digest) return false
    live.decide(decisions)
    sandbox.grant([...live.granted])
    return true
  }

/** Where a plugin's requests arrive: nothing is granted to it before `admit`. */
const requestCounter = ({ source, broker }: LoadOptions) => {
  // The store is everyone's: one plugin has a few requests under way, and the others of its requests wait.
  const desk = turnstile(requestsAtOnce)
  let asker: Asker = { id: source.name, trust: source.trust, grants: new Set(), quotaBytes: 0 }
  return {
    serve: (request: BrokerRequest): Promise<unknown> =>
      takesItsTime.has(request.method) ? broker(asker, request) : desk(() => broker(asker, request)),
    admit: (admitted: Asker): void => void (asker = admitted),
  }
}

/** Starts a plugin: its code runs in a sandbox from the first line, and the host believes nothing but its manifest. */
export const loadPlugin = async (options: LoadOptions): Promise<LoadedPlugin> => {
  const { source, config, isolation, logger, signal } = options
  const { name, trust } = source
  const counter = requestCounter(options)
  if (source.open !== undefined) checkListed(name, trust, config)
  const packaged = await source.open?.()
  if (packaged === undefined) admit(source, config)
  const text = packaged?.text ?? (await readSource(source, options.cache))
  const open = async (manifest: Manifest | undefined) => {
    const spec: SandboxSpec = {
      name,
      ...sandboxLimits(config.limits, manifest),
      permissionModel: 'on',
      logger: logger.child({ plugin: name }),
      mask: options.mask,
      metrics: options.metrics,
      broker: counter.serve,
    }
    const opened = await isolation.open(applicant(trust, manifest), spec)
    const end = (): void => opened.sandbox.kill(new PluginError('plugin.unavailable', `${name} was unloaded`))
    if (signal.aborted) end()
    signal.addEventListener('abort', end, { once: true })
    void opened.sandbox.exited.then(() => signal.removeEventListener('abort', end))
    return { ...opened, manifest: await describe(opened.sandbox, name, text) }
  }
  let opened = await open(options.known ?? packaged?.manifest)
  let { known } = options
  if (known === undefined && packaged === undefined && !(await fits(opened, options))) {
    known = opened.manifest
    opened.sandbox.kill(new PluginError('plugin.unavailable', `${name} needs another sandbox`))
    opened = await open(known)
  }
  const { sandbox, level, manifest } = opened
  try {
    checkSame(manifest, known)
    if (packaged !== undefined) checkSays(packaged.manifest, manifest)
    checkName(manifest, trust)
    checkRuntime(manifest)
    checkListed(manifest.id, trust, config)
    const { actions, services } = parseSchemas(manifest)
    await options.claim(manifest.id)
    const grants = liveGrants(decisionsOf(packaged, manifest, options), options.clock)
    counter.admit(askerOf(manifest, { trust, grants, isPackaged: packaged !== undefined }, options))
    sandbox.start(manifest.id, [...grants.granted])
    return {
      ...countCalls(sandbox),
      manifest,
      level,
      grants: grants.granted,
      decide: deciding(sandbox, grants, packaged),
      actions,
      services,
    }
  } catch (error) {
    sandbox.kill(new PluginError('plugin.invalid', `${name} was refused`))
    throw error
  }
}

const describe = async (sandbox: Sandbox, name: string, text: string): Promise<Manifest> => {
  try {
    const said = await sandbox.load(text, loadTimeoutMs)
    return readManifest(said, (why) => new PluginError('plugin.invalid', `${name}: ${why}`))
  } catch (error) {
    sandbox.kill(new PluginError('plugin.invalid', `${name} was refused`))
    throw error
  }
}

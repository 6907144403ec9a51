import type { ActionEffect } from '@covent/core'
import type * as z from 'zod'
import type { ChannelDefinition } from './channels.ts'
import type { EvaluatorDefinition, EventHandlers, Lifecycle, ProviderDefinition } from './components.ts'
import type { Context, HookContext, OwnContext } from './context.ts'
import type { PermissionSet } from './permissions.ts'
import type { RouteDefinition } from './routes.ts'
import type { Dependency, ProvidedService, ServiceContract } from './services.ts'

export type PluginType = 'system' | 'integration' | 'extension' | 'utility'

export interface ActionDefinition<I extends z.ZodType, O extends z.ZodType, C> {
  readonly title?: string
  readonly description: string
  /** Other names for it. */
  readonly aliases?: readonly string[]
  /** What people say when they want it, with the input that it then gets. */
  readonly examples?: readonly { readonly user: string; readonly input?: NoInfer<z.input<I>> }[]
  readonly input: I
  readonly output: O
  /** What it does to the world; approvals go by it. */
  readonly effect: ActionEffect
  /** Longest time of one call, 10 to 600,000; no more than `limits.callTimeoutMs`, which it is when absent. */
  readonly timeoutMs?: number
  /**
   * Whether it applies to who asks and where. Asked before each turn and again before it runs, with two seconds for it; one
   * that says no, fails or is late is not offered. It applies always when absent.
   */
  available?(context: C): boolean | Promise<boolean>
  run(input: z.output<I>, context: C): Promise<z.input<O>>
}

export interface PluginLimits {
  /** What the plugin's process uses on top of an idle one, 32 to 2,048; 64 when absent. */
  readonly memoryMb?: number
  /** Of one processor, in the mean, 1 to 400; 100 when absent. */
  readonly cpuPercent?: number
  /** 32 to 1,024; 64 when absent. */
  readonly fileHandles?: number
  /** Of its actions and services, by anyone; 1,000 when absent. */
  readonly callsPerSecond?: number
  /** Longest time of one action call; 30,000 when absent. The operator may allow less. */
  readonly callTimeoutMs?: number
  /** All keys and values together; 16 when absent. */
  readonly storageMb?: number
  /** What its requests send and receive; 1,000,000 when absent. What is over it waits. */
  readonly netBytesPerSecond?: number
}

/** A secret of the operator's that the plugin needs. */
export interface PluginSecret {
  readonly description: string
  /** Without a required one no request goes out; true when absent. */
  readonly required?: boolean
  /** The host puts it into that header of requests to these hosts; the plugin never sees it. Without, it is read by `data:secrets`. */
  readonly inject?: {
    readonly header: string
    /** `{value}` when absent. */
    readonly format?: `${string}{value}${string}`
    readonly hosts: readonly string[]
  }
}

type SchemaMap = Record<string, z.ZodType>
type NoActions = { readonly [K in never]: z.ZodType }
type SchemaOf<M extends SchemaMap, K extends PropertyKey> = K extends keyof M ? M[K] : never

type NoConfig = z.ZodType<object>

export interface PluginDefinition<
  Required extends PermissionSet,
  Optional extends PermissionSet,
  In extends SchemaMap,
  Out extends SchemaMap,
  Config extends z.ZodType,
  Emits extends SchemaMap,
  Uses extends Record<string, Dependency>,
  Provided extends Record<string, ServiceContract>,
  C = Context<Required, Optional, OwnContext<z.output<Config>, Emits, Uses>>,
  H = HookContext<Required, Optional, OwnContext<z.output<Config>, Emits, Uses>>,
> extends Lifecycle<H, z.output<Config>> {
  /** Namespaced: `acme.weather`. */
  readonly id: `${string}.${string}`
  readonly version: `${number}.${number}.${number}${string}`
  readonly type: PluginType
  readonly title?: string
  readonly description: string
  /** An SPDX name: `MIT`. */
  readonly license?: string
  /** An `https` address. */
  readonly homepage?: string
  /** The servers that it is for, as npm writes ranges: `^1.0.0`, `>=1.2 <3`. */
  readonly engines?: { readonly runtime: string }
  /** Plugins without which it does not start: id → range of versions. For a service alone `uses` is enough. */
  readonly dependsOn?: Readonly<Record<string, string>>
  readonly permissions?: { readonly required?: Required; readonly optional?: Optional }
  readonly limits?: PluginLimits
  /** By name: `OPEN_METEO_KEY`. */
  readonly secrets?: Readonly<Record<string, PluginSecret>>
  /** The least isolation that the author asks for; the operator's policy may raise it, never lower it. */
  readonly isolation?: 'worker' | 'process' | 'container' | 'vm'
  /** Schema of the operator's settings for this plugin, with their defaults. */
  readonly config?: Config
  readonly actions?: {
    readonly [K in keyof In | keyof Out]: ActionDefinition<SchemaOf<In, K>, SchemaOf<Out, K>, C>
  }
  readonly providers?: Readonly<Record<string, ProviderDefinition<H>>>
  readonly evaluators?: Readonly<Record<string, EvaluatorDefinition<H>>>
  /** Of a plugin of type `integration` only. */
  readonly channels?: Readonly<Record<string, ChannelDefinition<H>>>
  readonly routes?: readonly RouteDefinition<H>[]
  readonly on?: EventHandlers<H>
  /** Events of its own: name → schema of the payload. */
  readonly emits?: Emits
  /** Services of other plugins, each made by `uses` or `mayUse`. */
  readonly services?: Uses
  /** Services for other plugins. */
  readonly provides?: { readonly [K in keyof Provided]: ProvidedService<Provided[K], H> }
}

/** A defined plugin; the sandbox reads it. */
export interface Plugin {
  readonly kind: 'plugin'
  readonly definition: PluginDefinition<
    PermissionSet,
    PermissionSet,
    SchemaMap,
    SchemaMap,
    z.ZodType,
    SchemaMap,
    Record<string, Dependency>,
    Record<string, ServiceContract>,
    never,
    never
  >
}

/** Declares a plugin. The module that calls it exports the result as its default. */
export const definePlugin = <
  const Required extends PermissionSet = object,
  const Optional extends PermissionSet = object,
  In extends SchemaMap = NoActions,
  Out extends SchemaMap = NoActions,
  Config extends z.ZodType = NoConfig,
  Emits extends SchemaMap = NoActions,
  Uses extends Record<string, Dependency> = { readonly [K in never]: Dependency },
  Provided extends Record<string, ServiceContract> = { readonly [K in never]: ServiceContract },
>(
  definition: PluginDefinition<Required, Optional, In, Out, Config, Emits, Uses, Provided>,
): Plugin => ({ kind: 'plugin', definition })

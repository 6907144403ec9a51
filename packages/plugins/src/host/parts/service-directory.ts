import { type CallContext, type Clock, PluginError, type PluginInfo } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import * as z from 'zod'
import type { BrokerMethod, MethodRequest, Wanted } from '../broker/broker-method.ts'
import { callPart, tellFailure } from './call-part.ts'
import { type Dependent, type Neighbour, serviceNeeds, type ServiceUse, useWords } from './service-needs.ts'

export interface ServiceDirectory {
  /**
   * Waits for the plugins and services that a plugin needs, and resolves with the names of the services that are there.
   * Throws `plugin.dependency-missing` with the chain where one is missing or plugins need each other in a circle.
   */
  ready(manifest: Manifest, trust: PluginInfo['trust']): Promise<readonly string[]>
  /** Throws `plugin.version-conflict` where others need what a new version of a plugin no longer offers. */
  checkSuccessor(manifest: Manifest): void
  /** The plugins that cannot go on without one. */
  dependents(id: string): readonly Dependent[]
  /** Answers that plugin's calls of services. */
  methodFor(caller: Manifest): BrokerMethod
}

const paramsSchema = z.strictObject({
  name: z.string().max(64),
  method: z.string().max(64),
  input: z.unknown().optional(),
  timeoutMs: z.int().min(1).max(60_000).default(10_000),
})
/** Plugins that may use each other call no deeper than this. */
const depthCap = 8

const undeclared = (name: string): Wanted => ({
  permission: 'services',
  target: name,
  remedy: `{ "name": ${JSON.stringify(name)}, "service": …, "range": … } under uses of its manifest`,
})
const wanted = (params: unknown): Wanted => {
  const { data } = paramsSchema.safeParse(params)
  return {
    permission: 'services',
    target: data === undefined ? 'ctx.services' : `${data.name}.${data.method}`,
  }
}

export const serviceDirectory = (neighbours: () => readonly Neighbour[], clock: Clock): ServiceDirectory => {
  const depths = new WeakMap<CallContext, number>()

  const { provided, follow, wait, dependents } = serviceNeeds(neighbours)

  const methodOf = (use: ServiceUse, method: string) => {
    const running = provided(use)?.running()
    if (running === undefined) throw new PluginError('plugin.unavailable', `${useWords(use)} is not running`)
    const key = `${use.service}/${method}`
    const found = running.services.get(key)
    if (found === undefined) throw new PluginError('plugin.not-found', `${use.service} has no ${method}`)
    return { running, key, found }
  }

  const call = async (caller: Manifest, { call, operationId, params, deny, signal }: MethodRequest) => {
    const parsed = paramsSchema.safeParse(params)
    if (!parsed.success) throw new PluginError('plugin.input-invalid', 'ctx.services: wrong call')
    const { name, method, input, timeoutMs } = parsed.data
    const depth = (depths.get(call) ?? 0) + 1
    if (depth > depthCap) throw new PluginError('plugin.overloaded', 'services call each other too deep')
    const use = caller.uses.find((one) => one.name === name)
    if (use === undefined) throw deny(undeclared(name))
    const { running, key, found } = methodOf(use, method)
    found.checkInput(input)
    const context: CallContext = { ...call, callId: operationId }
    depths.set(context, depth)
    const part = { part: 'service', name: key, input, call: context, timeoutMs, signal } as const
    try {
      return found.parseOutput(await callPart(running, part))
    } catch (error) {
      tellFailure(running, { where: `service/${key}`, error }, clock)
      throw error
    }
  }

  return {
    async ready(manifest, trust) {
      if (manifest.uses.length === 0 && Object.keys(manifest.dependsOn).length === 0) return []
      const others = neighbours().filter((one) => trust !== 'first-party' || one.trust === trust)
      await Promise.all(others.map((one) => one.described))
      follow(manifest)
      await wait(manifest)
      return manifest.uses.filter((use) => provided(use) !== undefined).map(({ name }) => name)
    },
    checkSuccessor(manifest) {
      const { id, version } = manifest
      const other = dependents(id).find(({ fits }) => !fits(manifest))
      if (other === undefined) return
      throw new PluginError(
        'plugin.version-conflict',
        `${id} ${version} does not fit ${other.id}, which needs ${other.words}`,
      )
    },
    dependents,
    methodFor: (caller) => ({ wanted, run: (request) => call(caller, request) }),
  }
}

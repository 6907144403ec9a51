import { limitsSchema, type Manifest } from '@covent/plugin-sdk/manifest'
import type { PluginsConfig } from '../../config.ts'
import type { SandboxLimits } from '../../drivers/isolation-driver.ts'

type Caps = PluginsConfig['limits']

/** The lesser of what is asked for and what the operator allows. */
export const capped = (asked: number, cap = Number.POSITIVE_INFINITY): number => Math.min(asked, cap)

/** What a plugin's sandbox holds it to; what no manifest is known of gets what a manifest without limits asks for. */
export const sandboxLimits = (caps: Caps, manifest?: Pick<Manifest, 'limits'>): SandboxLimits => {
  const asked = manifest?.limits ?? limitsSchema.parse({})
  return {
    memoryMb: capped(asked.memoryMb, caps.memoryMb),
    cpuPercent: capped(asked.cpuPercent, caps.cpuPercent),
    fileHandles: capped(asked.fileHandles, caps.fileHandles),
    callsPerSecond: capped(asked.callsPerSecond, caps.callsPerSecond),
  }
}

export const areSame = (one: SandboxLimits, other: SandboxLimits): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

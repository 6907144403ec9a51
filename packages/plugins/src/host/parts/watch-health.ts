import type { Clock } from '@covent/core'
import * as z from 'zod'
import type { PluginChannels } from '../channels/plugin-channels.ts'
import { callHook, type PartOwner } from './call-part.ts'
import { escapeControls } from '../../channel/output-lines.ts'

const healthSchema = z.object({ ok: z.boolean(), detail: z.string().optional() })
const detailLength = 300

export interface HealthWatch {
  readonly clock: Clock
  readonly intervalMs: number
  readonly channels: Pick<PluginChannels, 'complaint'>
  /** Hears each result: why it is not well, or undefined where it is. */
  tell(complaint: string | undefined): void
}

/** Why a plugin is not well; undefined where it is, or has no health check. */
export const complaintOf = async (plugin: PartOwner, clock: Clock): Promise<string | undefined> => {
  if (!plugin.manifest.hooks.includes('health')) return undefined
  try {
    const { ok, detail } = healthSchema.parse(await callHook(plugin, { name: 'health' }, clock))
    return ok ? undefined : escapeControls((detail ?? 'it says that it is not well').slice(0, detailLength))
  } catch (error) {
    const why = error instanceof z.ZodError ? 'it returned no health' : (error as Error).message
    return `its health check failed: ${why.slice(0, detailLength)}`
  }
}

/** Asks a plugin how it is, at once and then at each interval, until its process ends. */
export const watchHealth = async (
  plugin: PartOwner,
  { clock, intervalMs, channels, tell }: HealthWatch,
): Promise<void> => {
  const { hooks, contributes } = plugin.manifest
  if (!hooks.includes('health') && contributes.channels.length === 0) return
  const ended = new AbortController()
  void plugin.sandbox.exited.then(() => ended.abort())
  while (!ended.signal.aborted) {
    const complaint = (await complaintOf(plugin, clock)) ?? (await channels.complaint(plugin))
    if (ended.signal.aborted) return
    tell(complaint)
    await clock.sleep(intervalMs, ended.signal).catch(() => {}) // ended: the loop ends
  }
}

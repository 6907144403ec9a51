import { type Clock, type Invocation, type Logger, PluginError } from '@covent/core'
import type { PluginsConfig } from '../../config.ts'
import type { LoadedPlugin } from '../load-plugin.ts'
import type { PluginWatch } from '../monitor/plugin-watch.ts'
import { tellFailure } from './call-part.ts'
import { isAvailable } from './turn-parts.ts'

export interface InvokeOptions {
  readonly signal: AbortSignal
  readonly onProgress?: (text: string) => void
}

export interface InvokeServices {
  readonly clock: Clock
  readonly logger: Logger
  readonly watch: Pick<PluginWatch, 'run'>
  readonly config: Pick<PluginsConfig, 'callTimeoutMs'>
}

/** Calls an action of a plugin that runs: its input and its output fit the manifest, or it throws. */
export const invokeAction = async (
  running: LoadedPlugin,
  { action, input, call }: Invocation,
  { signal, onProgress, services }: InvokeOptions & { readonly services: InvokeServices },
): Promise<unknown> => {
  const { actions, sandbox, manifest } = running
  const { id, limits } = manifest
  const found = actions.get(action)
  if (found === undefined) throw new PluginError('plugin.not-found', `${id} has no action ${action}`)
  if (found.isConditional && !(await isAvailable(running, action, { ...services, turn: call, signal }))) {
    signal.throwIfAborted()
    throw new PluginError('plugin.not-applicable', `${id} ${action} does not apply here now`)
  }
  const timeoutMs = Math.min(
    found.timeoutMs ?? limits.callTimeoutMs,
    limits.callTimeoutMs,
    services.config.callTimeoutMs,
  )
  const run = async (): Promise<unknown> => {
    found.checkInput(input)
    return found.parseOutput(
      await sandbox.call(action, input, { context: call, timeoutMs, signal, onProgress }),
    )
  }
  try {
    return await services.watch.run({ part: 'action', name: action, signal, call: run })
  } catch (error) {
    tellFailure(running, { where: `action/${action}`, error }, services.clock)
    throw error
  }
}

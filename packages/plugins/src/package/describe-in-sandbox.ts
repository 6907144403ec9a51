import { type Logger, PluginError } from '@covent/core'
import { type Manifest, manifestSchema } from '@covent/plugin-sdk/manifest'
import type { Isolation } from '../host/isolation/isolation.ts'

export interface Described {
  /** For messages. */
  readonly name: string
  readonly text: string
  readonly memoryMb: number
  readonly logger: Logger
}

const loadTimeoutMs = 10_000

const parsed = (name: string, said: unknown): Manifest => {
  const result = manifestSchema.safeParse(said)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw new PluginError('plugin.invalid', `${name}: ${path.map(String).join('.')}: ${message}`)
}

/** What code says of itself. It runs as a stranger's, with nothing granted, and is ended afterwards. */
export const describeInSandbox = async (
  isolation: Isolation,
  { name, text, memoryMb, logger }: Described,
): Promise<Manifest> => {
  const broker = (): Promise<never> =>
    Promise.reject(new PluginError('plugin.permission-denied', 'nothing is granted while it is described'))
  const spec = { name, memoryMb, permissionModel: 'on', logger, broker } as const
  const { sandbox } = await isolation.open({ trust: 'unverified' }, spec)
  try {
    return parsed(name, await sandbox.load(text, loadTimeoutMs))
  } finally {
    sandbox.kill(new PluginError('plugin.unavailable', `${name} was described`))
    await sandbox.exited
  }
}

import { describePlugin } from '@covent/plugins/package'
import { loadServerConfig } from '../config.ts'

export interface CodeToDescribe {
  readonly name: string
  readonly text: string
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** What a plugin's code says of itself, in the sandbox that this server's settings give a stranger's. */
export const describeCode = async ({ name, text, argv, env }: CodeToDescribe) => {
  const { isolation } = await loadServerConfig(argv, env)
  return describePlugin({ name, text, settings: isolation })
}

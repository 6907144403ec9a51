import { adminSocketPath } from '@covent/api/client'
import type { IsolationLevel } from '@covent/core'
import type { ServerConfig } from './config.ts'

export interface Ready {
  readonly url: string
  readonly startupMs: number
  readonly isolation: IsolationLevel
  readonly isolationFirstParty: IsolationLevel
  readonly plugins: readonly { readonly id: string; readonly state: string }[]
}

const isolationWords: Readonly<Record<IsolationLevel, string>> = {
  inline: 'NONE: in the server’s own process',
  worker: 'NONE: each in a thread of the server',
  process: 'each in an OS sandbox of its own (bubblewrap, seccomp, no network, no files)',
  'process-weak': 'WEAK isolation: a process with Node’s permission model only',
  container: 'each in a container',
  vm: 'each in a virtual machine',
  unavailable: 'refused: no sandbox here; `apt-get install bubblewrap`, then `covent doctor`',
}

/** From source there is npm, from a build the command itself. */
const command = import.meta.url.endsWith('.ts') ? 'npm run -s covent --' : 'covent'

/** What a person at a terminal reads when the server is ready. */
export const readyText = (ready: Ready, config: ServerConfig): string => {
  const socket = adminSocketPath(config.home)
  const body =
    '{"model":"covent/assistant","messages":[{"role":"user","content":"What time is it in Tokyo?"}]}'
  const running = ready.plugins.filter(({ state }) => state === 'ready').map(({ id }) => id)
  const others = ready.plugins
    .filter(({ state }) => state !== 'ready')
    .map(({ id, state }) => `${id} (${state})`)
  return `
  Covent is ready at ${ready.url} after ${(ready.startupMs / 1000).toFixed(1)} s

  Talk to it      ${command} chat
  or once         ${command} chat --once "What time is it in Tokyo?"
  or by curl      curl -s --unix-socket ${socket} http://localhost/v1/chat/completions \\
                    -H 'content-type: application/json' -d '${body}'
  Make a key      ${command} keys create --name laptop --role user
  Pair a device   ${command} pair

  Plugins         ${[...running, ...others].join(', ') || 'none'}: ${isolationWords[ready.isolationFirstParty]}
  Strangers’      ${isolationWords[ready.isolation]}
  Model           ${config.models.default}${config.models.default === 'rules' ? ' (built in: no key, no network)' : ''}
  State           ${config.home}

  Ctrl-C stops it; what was accepted is answered after the next start.

`
}

import type { Programs } from '@covent/plugin-sdk'

type Ask = (method: string, params: object) => Promise<unknown>
interface End {
  readonly code: number
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

/** The plugin's side of `ctx.process`: the host runs the program, in a box. */
export const programs = (ask: Ask): Programs<string> => ({
  async run(command, args, { stdin, timeoutMs } = {}) {
    const bytes = typeof stdin === 'string' ? new TextEncoder().encode(stdin) : stdin
    const end = (await ask('process.run', { command, args: [...args], stdin: bytes, timeoutMs })) as End
    const text = (output: Uint8Array): string => new TextDecoder().decode(output)
    return { code: end.code, stdout: text(end.stdout), stderr: text(end.stderr) }
  },
})

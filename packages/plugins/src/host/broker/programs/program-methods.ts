import { PluginError } from '@covent/core'
import * as z from 'zod'
import type { PluginsConfig } from '../../../config.ts'
import { type Asker, type BrokerMethod, lifeOf, type MethodRequest, type Wanted } from '../broker-method.ts'
import type { FileStores } from '../files/file-stores.ts'
import { declared } from '../network-policy.ts'
import type { LentFolder } from './program-box.ts'
import type { RunProgram } from './run-program.ts'

export interface ProgramMethodsOptions {
  readonly programs: PluginsConfig['programs']
  readonly run: RunProgram
  readonly files: Pick<FileStores, 'workspacePath' | 'workspace'>
}

type Program = PluginsConfig['programs'][string]

const permission = 'process:spawn' as const
const runsAtOnce = 2
const inputCapBytes = 1_048_576
const argumentCap = 131_072

const plain = z.string().regex(/^[^\0]*$/, 'must hold no NUL')
const params = z.strictObject({
  command: z.string().max(40),
  args: z
    .array(plain)
    .max(1_024)
    .refine(
      (args) => args.reduce((size, arg) => size + arg.length, 0) <= argumentCap,
      'are too long together',
    ),
  stdin: z
    .instanceof(Uint8Array)
    .refine((bytes) => bytes.length <= inputCapBytes, 'is larger than 1 MiB')
    .optional(),
  timeoutMs: z.int().min(1).max(600_000).optional(),
})

const parse = (value: unknown): z.output<typeof params> => {
  const result = params.safeParse(value)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw new PluginError('plugin.input-invalid', `ctx.process: ${path.map(String).join('.')}: ${message}`)
}

const wanted = (raw: unknown): Wanted => {
  const { command } = parse(raw)
  return { permission, target: command, scope: { commands: [command] } }
}

const isDeclared = (asker: Asker, command: string): boolean =>
  asker.manifest !== undefined &&
  declared(asker.manifest, asker).some((set) => set[permission]?.commands.includes(command) === true)

const programOf = (
  { asker, deny, params: raw }: MethodRequest,
  { programs }: ProgramMethodsOptions,
): Program => {
  const { command } = parse(raw)
  if (!isDeclared(asker, command)) throw deny(wanted(raw))
  const program = Object.hasOwn(programs, command) ? programs[command] : undefined
  if (program !== undefined) return program
  const remedy = `"${command}" in the setting plugins.programs, with the path of the program`
  throw deny({ ...wanted(raw), remedy })
}

/** `ctx.process`, on the host's side: programs of the operator's list, each run in a box of its own. */
export const programMethods = (options: ProgramMethodsOptions): Readonly<Record<string, BrokerMethod>> => {
  const { run, files } = options
  const running = new Map<string, number>()
  const lent = async ({ workspace }: Program): Promise<LentFolder | undefined> =>
    workspace === 'none' ? undefined : { path: await files.workspacePath(), access: workspace }
  const counted = async <T>({ id }: Asker, work: () => Promise<T>): Promise<T> => {
    const count = running.get(id) ?? 0
    if (count >= runsAtOnce)
      throw new PluginError('plugin.overloaded', `${id} runs ${runsAtOnce} programs already`)
    running.set(id, count + 1)
    try {
      return await work()
    } finally {
      const left = running.get(id)! - 1
      if (left === 0) running.delete(id)
      else running.set(id, left)
    }
  }
  const runFor = async (request: MethodRequest) => {
    const { command, args, stdin = new Uint8Array(), timeoutMs } = parse(request.params)
    const program = programOf(request, options)
    const folder = await lent(program)
    const { asker } = request
    try {
      return await counted(asker, () =>
        run({
          name: command,
          path: program.path,
          args: [...program.args, ...args],
          stdin,
          timeoutMs: Math.min(timeoutMs ?? program.timeoutMs, program.timeoutMs),
          folder,
          signal: lifeOf(request),
        }),
      )
    } finally {
      // What the program wrote there was not counted.
      if (folder?.access === 'write') (await files.workspace()).recount()
    }
  }
  return { 'process.run': { permission, wanted, run: runFor } }
}

import { AppError, PluginError } from '@covent/core'
import * as z from 'zod'
import type { Asker, BrokerMethod, MethodRequest } from '../broker-method.ts'
import { callCapBytes, type Entry } from './file-acts.ts'
import {
  type Access,
  closedRemedy,
  type FileTarget,
  fileTarget,
  isCovered,
  volumeOf,
  wantedOf,
} from './file-scopes.ts'
import type { FileStores } from './file-stores.ts'
import type { Volume } from './volume.ts'

const facet = z.enum(['workspace', 'tmp', 'files'])
const place = { facet, path: z.string().max(1_024) }
const range = z.strictObject({
  offset: z.int().nonnegative().default(0),
  length: z.int().min(1).max(callCapBytes).default(callCapBytes),
})
const params = {
  read: z.strictObject({ ...place, range: range.optional() }),
  place: z.strictObject(place),
  write: z.strictObject({ ...place, bytes: z.instanceof(Uint8Array) }),
}
type Place = z.output<typeof params.place>

const parse = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw new PluginError('plugin.input-invalid', `a file request: ${path.map(String).join('.')}: ${message}`)
}

const missing = (): PluginError => new PluginError('plugin.file-not-found', 'there is nothing at this path')
const refused = (why: string): PluginError => new PluginError('plugin.file-refused', why)

/** What the system says, in words that tell no path of the host. */
const failures: Readonly<Record<string, () => PluginError>> = {
  ENOENT: missing,
  ELOOP: () => refused('what stands at this path is a link, and links are not followed'),
  ENOTDIR: () => refused('a part of this path is no folder, or a link, and links are not followed'),
  ENXIO: () => refused('what stands at this path is neither a file nor a folder'),
  EACCES: () => refused('the server itself may not do this at this path'),
  EPERM: () => refused('the server itself may not do this at this path'),
  EROFS: () => refused('this path is on a file system that cannot be written to'),
  ENOTEMPTY: () => refused('the folder is not empty'),
  EISDIR: () => refused('what stands at this path is a folder'),
  ENAMETOOLONG: () => refused('the path is too long'),
  ENOSPC: () => new PluginError('plugin.quota-exceeded', 'the disk is full'),
  EDQUOT: () => new PluginError('plugin.quota-exceeded', 'the disk is full'),
}

const explained = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work
  } catch (error) {
    if (AppError.is(error)) throw error
    throw failures[(error as NodeJS.ErrnoException).code ?? '']?.() ?? error
  }
}

interface Wish<P> {
  readonly volume: Volume
  readonly target: FileTarget
  readonly params: P
  readonly asker: Asker
}
interface Act<S extends z.ZodType<Place>> {
  readonly schema: S
  readonly access: Access
  run(wish: Wish<z.output<S>>): Promise<unknown>
}

/** What is in a folder and covered as the folder is. */
const listed = async ({ volume, target, asker }: Wish<Place>): Promise<readonly Entry[]> => {
  const entries = await volume.list(target.names)
  return entries.filter(({ name }) => {
    const child = { ...target, names: [...target.names, name] }
    return closedRemedy(child) === undefined && isCovered(asker, child)
  })
}

const admit = ({ asker, deny }: MethodRequest, target: FileTarget): void => {
  const remedy = closedRemedy(target)
  if (remedy !== undefined) throw deny({ ...wantedOf(target), remedy })
  if (!isCovered(asker, target)) throw deny(wantedOf(target))
}

/** `ctx.workspace`, `ctx.tmp` and `ctx.files`, on the host's side. */
export const fileMethods = (stores: FileStores): Readonly<Record<string, BrokerMethod>> => {
  const method = <S extends z.ZodType<Place>>({ schema, access, run }: Act<S>): BrokerMethod => {
    const targetOf = ({ facet, path }: Place): FileTarget => fileTarget(facet, path, access)
    return {
      permission: `fs:${access}:workspace`,
      wanted: (raw) => wantedOf(targetOf(parse(schema, raw))),
      async run(request) {
        const wish = parse(schema, request.params)
        const target = targetOf(wish)
        admit(request, target)
        const { asker } = request
        const act = async () =>
          run({ volume: await volumeOf(stores, asker, target), target, params: wish, asker })
        return explained(act())
      },
    }
  }
  return {
    'files.read': method({
      schema: params.read,
      access: 'read',
      run: ({ volume, target, params: { range } }) => volume.read(target.names, range),
    }),
    'files.list': method({ schema: params.place, access: 'read', run: listed }),
    'files.stat': method({
      schema: params.place,
      access: 'read',
      run: ({ volume, target }) => volume.stat(target.names),
    }),
    'files.write': method({
      schema: params.write,
      access: 'write',
      run: ({ volume, target, params: { bytes } }) => volume.write(target.names, bytes),
    }),
    'files.makeFolder': method({
      schema: params.place,
      access: 'write',
      run: ({ volume, target }) => volume.makeFolder(target.names),
    }),
    'files.remove': method({
      schema: params.place,
      access: 'write',
      run: ({ volume, target }) => volume.remove(target.names),
    }),
  }
}

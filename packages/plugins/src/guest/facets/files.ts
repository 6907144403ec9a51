import type { FileReader, FileWriter } from '@covent/plugin-sdk'

type Ask = (method: string, params: object) => Promise<unknown>
type Facet = 'workspace' | 'tmp' | 'files'

const textOf = (bytes: unknown, path: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes as Uint8Array)
  } catch {
    throw new Error(`${path} is no UTF-8 text`)
  }
}

/** The plugin's side of reading files: the host opens them. */
export const fileReader = (ask: Ask, facet: Facet): FileReader<string> => ({
  readText: async (path) => textOf(await ask('files.read', { facet, path }), path),
  readBytes: async (path, range) => (await ask('files.read', { facet, path, range })) as Uint8Array,
  list: async (path) => (await ask('files.list', { facet, path })) as never,
  stat: async (path) => (await ask('files.stat', { facet, path })) as never,
})

/** The plugin's side of writing files. */
export const fileWriter = (ask: Ask, facet: Facet): FileWriter<string> => {
  const tell = async (method: string, params: object): Promise<void> =>
    void (await ask(method, { facet, ...params }))
  return {
    writeText: (path, text) => tell('files.write', { path, bytes: new TextEncoder().encode(text) }),
    writeBytes: (path, bytes) => tell('files.write', { path, bytes }),
    mkdir: (path) => tell('files.makeFolder', { path }),
    remove: (path) => tell('files.remove', { path }),
  }
}

import { isBuiltin } from 'node:module'
import { PluginError } from '@covent/core'
import type { BuildFailure, Message, Metafile, Plugin } from 'esbuild'

/** What the sandbox brings along. */
const elizaSdk = '@covent/plugin-sdk/eliza'
const sdk: readonly string[] = ['@covent/plugin-sdk', elizaSdk]
/** What classic plugins import, of which the SDK has the part that works in a sandbox. */
const classic = '@elizaos/core'

/** What cannot be bundled is left as an import, so that all of it can be named at once. */
const outside: Plugin = {
  name: 'outside',
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ path, kind }) => {
      if (kind === 'entry-point') return undefined
      if (path === classic) return { path: elizaSdk, external: true }
      const isOutside = sdk.includes(path) || isBuiltin(path) || /^(https?:)?\/\//.test(path)
      return isOutside ? { path, external: true } : undefined
    })
  },
}

const sentence = ({ text, location }: Message): string =>
  location === null ? text : `${location.file}:${location.line}: ${text}`

const failed = (lines: readonly string[]): PluginError =>
  new PluginError('plugin.build-failed', lines.slice(0, 20).join('\n'))

const wordsOf = (path: string): string =>
  isBuiltin(path)
    ? `imports ${path}, a Node builtin, which no plugin reaches; what it is for comes from ctx`
    : `imports ${path}, which cannot be bundled`

/** Every import that would be left but the SDK, with the file that has it. */
const leftImports = ({ inputs, outputs }: Metafile): readonly string[] => {
  const left = Object.entries(inputs).flatMap(([file, { imports }]) =>
    imports
      .filter(({ external, path }) => external === true && !sdk.includes(path))
      .map(({ path }) => `${file} ${wordsOf(path)}`),
  )
  const known = Object.values(outputs).flatMap(({ imports }) => imports)
  const others = known
    .filter(({ path }) => !sdk.includes(path))
    .map(({ path }) => `the bundle ${wordsOf(path)}`)
  return left.length > 0 ? left : others
}

export interface Bundle {
  readonly text: string
  /** The files that are in it, relative to the folder. */
  readonly inputs: readonly string[]
}

/** One ESM file of a plugin's entry and all that it imports but the SDK; the same files give the same text. */
export const bundle = async (folder: string, entry: string): Promise<Bundle> => {
  const { build } = await import('esbuild')
  const result = await build({
    absWorkingDir: folder,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['module', 'import', 'default'],
    target: 'node24',
    charset: 'utf8',
    logLevel: 'silent',
    plugins: [outside],
  }).catch((error: Partial<BuildFailure>) => {
    throw failed(error.errors?.map(sentence) ?? [error.message ?? 'esbuild failed'])
  })
  const left = leftImports(result.metafile)
  if (left.length > 0) throw failed(left)
  const [output] = Object.values(result.metafile.outputs)
  const inputs = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  return { text: result.outputFiles[0]!.text, inputs: inputs.map(([path]) => path) }
}

export interface NodeOptions {
  readonly runner: string
  readonly memoryMb: number
  readonly permissionModel: 'on' | 'off'
}

/** Ways out of JavaScript that only some versions of Node have. */
const outsideJavaScript = [
  '--no-experimental-sqlite',
  '--no-experimental-ffi',
  '--no-experimental-webstorage',
]

const known = (flags: readonly string[]): readonly string[] =>
  flags.filter((flag) => process.allowedNodeEnvironmentFlags.has(flag))

const restrictions = (runner: string): readonly string[] => [
  '--permission',
  `--allow-fs-read=${runner}`,
  ...known(outsideJavaScript),
]

/** Node's own restrictions, and what keeps the process small. */
export const nodeArguments = ({ runner, memoryMb, permissionModel }: NodeOptions): readonly string[] => [
  ...(permissionModel === 'on' ? restrictions(runner) : []),
  '--disable-proto=throw',
  '--no-addons',
  '--disallow-code-generation-from-strings',
  '--disable-sigusr1',
  '--no-warnings',
  '--v8-pool-size=1',
  `--max-old-space-size=${memoryMb}`,
  runner,
]

/** Below this much data Node does not start; what a plugin may use comes on top. */
const dataFloorMb = 640

export const limitArguments = (memoryMb: number, fileHandles = 64): readonly string[] => [
  `--data=${(dataFloorMb + memoryMb * 2) * 1_048_576}`,
  '--core=0',
  '--fsize=0',
  `--nofile=${fileHandles}`,
]
/** Only within a user namespace: outside, the limit would count what else that user runs. */
export const processLimit = '--nproc=48'

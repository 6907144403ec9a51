/**
 * Node's HTTP modules without an `import` of them: that reads every export, among them the lazy ones that load all of
 * undici, which costs 45 ms of CPU and 15 MB at start.
 */
export const builtinHttp = {
  http: (): typeof import('node:http') => process.getBuiltinModule('node:http'),
  https: (): typeof import('node:https') => process.getBuiltinModule('node:https'),
} as const

/**
 * Node's HTTP module without an `import` of it: that reads every export, among them the lazy ones that load all of
 * undici, which costs 45 ms of CPU and 15 MB at start.
 */
export const builtinHttp = (): typeof import('node:http') => process.getBuiltinModule('node:http')

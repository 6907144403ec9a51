/**
 * Node's client for that URL. Not by `import`, which reads every export of `node:http`, among them the lazy ones that
 * load all of undici: 45 ms of CPU and 15 MB.
 */
export const builtin = ({ protocol }: URL): typeof import('node:http') | typeof import('node:https') =>
  protocol === 'https:' ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http')

export {
  type Guarantees,
  type IsolationDriver,
  type Sandbox,
  type SandboxSpec,
  type Strength,
} from './drivers/isolation-driver.ts'
export { processDriver } from './drivers/process.ts'
export { weakProcessDriver } from './drivers/process-weak.ts'
export {
  pluginHost,
  type PluginHostOptions,
  type PluginHostService,
  type PluginHostServices,
} from './host/plugin-host.ts'
export type { BundledPlugin } from './host/source/plugin-source.ts'
export { type SandboxFinding, sandboxMatrix } from './host/isolation/sandbox-matrix.ts'

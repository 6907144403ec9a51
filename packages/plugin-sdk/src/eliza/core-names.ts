import type { ElizaRuntime } from './shape.ts'

type Say = (...said: readonly unknown[]) => void

const worded = (said: readonly unknown[]): string =>
  said.map((one) => (typeof one === 'string' ? one : (JSON.stringify(one) ?? String(one)))).join(' ')

/** What a plugin prints is in its log; the runtime's `logger` knows levels. */
const say: Say = (...said) => console.log(worded(said))

/** The logger that classic plugins import. */
export const elizaLogger: Readonly<Record<'debug' | 'info' | 'log' | 'success' | 'warn' | 'error', Say>> = {
  debug: say,
  info: say,
  log: say,
  success: say,
  warn: say,
  error: say,
}

/** What classic services extend. */
export class Service {
  protected readonly runtime: ElizaRuntime | undefined

  constructor(runtime?: ElizaRuntime) {
    this.runtime = runtime
  }

  async stop(): Promise<void> {}
}

import { constants } from 'node:os'

/** Signals closer together than this are one keypress, seen once by way of the terminal and once by way of npm. */
const oneKeypressMs = 300

/** Resolves at the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once. */
export const stopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    let firstAt: number | undefined
    const onSignal = (signal: NodeJS.Signals): void => {
      firstAt ??= performance.now()
      if (performance.now() - firstAt > oneKeypressMs) process.exit(128 + constants.signals[signal])
      resolve(signal)
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  })

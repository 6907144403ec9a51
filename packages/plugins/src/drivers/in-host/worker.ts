import { once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import type { Clock } from '@covent/core'
import type { GuestProcess, ProcessEnd } from '../../channel/ends/guest-process.ts'
import { openSandbox } from '../../channel/open-sandbox.ts'
import { portStream } from '../../channel/ends/port-stream.ts'
import type { IsolationDriver, SandboxSpec } from '../isolation-driver.ts'
import { runnerPath } from '../surroundings.ts'
import { runtimeStrengths } from './strengths.ts'

const drainMs = 100

const startWorker = ({ memoryMb }: SandboxSpec, port: MessageChannel['port1']): Worker =>
  new Worker(runnerPath, {
    env: {},
    argv: [],
    execArgv: [],
    stdin: true,
    stdout: true,
    stderr: true,
    workerData: { coventPort: port },
    transferList: [port],
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 16 },
  })

/** Error and exit are one end. */
const workerEnd = async (worker: Worker, closed: Promise<unknown>, clock: Clock): Promise<ProcessEnd> => {
  const code = await new Promise<number>((resolve) => worker.once('exit', resolve))
  await Promise.race([closed, clock.sleep(drainMs)])
  return { code, signal: null }
}

const workerGuest = (worker: Worker, port: MessageChannel['port1'], clock: Clock): GuestProcess => {
  const channel = portStream(port)
  const closed = once(channel, 'close')
  let words = ''
  closed.catch(() => {}) // it ends with the thread, whose end is what is reported
  worker.on('error', (error) => (words = error instanceof Error ? error.message : 'an error'))
  return {
    pid: undefined,
    channel,
    stdout: worker.stdout,
    stderr: worker.stderr,
    end: workerEnd(worker, closed, clock),
    lastWords: () => words,
    kill: () => void worker.terminate(),
  }
}

/**
 * A thread of the host's own process: its crash, its loops and its heap are its own. It is **no security boundary**, and
 * for first-party code alone.
 */
export const workerDriver = (clock: Clock): IsolationDriver => {
  const driver: IsolationDriver = {
    id: 'worker',
    async spawn(spec) {
      const { port1, port2 } = new MessageChannel()
      const worker = startWorker(spec, port2)
      const guest = workerGuest(worker, port1, clock)
      return openSandbox(guest, spec, clock)
    },
    probe: () => runtimeStrengths(driver, 'heap'),
  }
  return driver
}

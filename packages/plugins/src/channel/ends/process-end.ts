import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { type Clock, PluginError } from '@covent/core'
import type { ExitReason } from '../../drivers/isolation-driver.ts'

const drainMs = 100

export const channelOf = (child: ChildProcess): Duplex => child.stdio[3] as Duplex

const refusedStart = (cause: unknown): PluginError => {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
  return new PluginError('plugin.crashed', `the sandbox does not start: ${code}`, { cause })
}

/** Resolves when the process runs; rejects where the system refuses to start it, which Node tells in two ways. */
export const spawned = async (start: () => ChildProcess): Promise<ChildProcess> => {
  try {
    const child = start()
    await once(child, 'spawn')
    return child
  } catch (cause) {
    throw refusedStart(cause)
  }
}

/** Resolves when the process has ended and what it said before has been read. */
export const processEnd = async (child: ChildProcess, clock: Clock): Promise<Omit<ExitReason, 'error'>> => {
  const { promise, resolve } = Promise.withResolvers<Omit<ExitReason, 'error'>>()
  child.on('error', () => {}) // what fails after the start shows as the exit
  child.once('exit', (code, signal) => resolve({ code, signal }))
  const socket = channelOf(child)
  const closed = new Promise((done) => socket.once('close', done))
  const reason = await promise
  await Promise.race([closed, clock.sleep(drainMs)])
  socket.destroy()
  return reason
}

/** Kills the process and its group; does nothing once it has ended, when its number may be another's. */
export const killGroup = ({ pid, exitCode, signalCode }: ChildProcess): void => {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

import type { ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'
import type { Clock } from '@covent/core'
import type { ExitReason } from '../drivers/isolation-driver.ts'

const drainMs = 100

export const channelOf = (child: ChildProcess): Duplex => child.stdio[3] as Duplex

/** Resolves when the process has ended and what it said before has been read. */
export const processEnd = async (child: ChildProcess, clock: Clock): Promise<Omit<ExitReason, 'error'>> => {
  const { promise, resolve } = Promise.withResolvers<Omit<ExitReason, 'error'>>()
  child.once('error', () => resolve({ code: null, signal: null }))
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

import { duplexPair } from 'node:stream'
import { pathToFileURL } from 'node:url'
import type { Clock } from '@covent/core'
import type { GuestProcess, ProcessEnd } from '../../channel/ends/guest-process.ts'
import { openSandbox } from '../../channel/open-sandbox.ts'
import { places } from '../../channel/ends/places.ts'
import type { IsolationDriver } from '../isolation-driver.ts'
import { runnerPath } from '../surroundings.ts'
import { runtimeStrengths } from './strengths.ts'

let guests = 0

/** Loads a copy of the guest's code into this process. */
const startGuest = async (): Promise<GuestProcess> => {
  const [channel, theirs] = duplexPair()
  const end = Promise.withResolvers<ProcessEnd>()
  const name = `inline-${guests++}`
  const leave = (): void => {
    theirs.destroy()
    channel.destroy()
    end.resolve({ code: 0, signal: null })
  }
  places().push({ name, channel: theirs, leave })
  await import(/* @vite-ignore */ `${pathToFileURL(runnerPath).href}?${name}`)
  return { pid: undefined, channel, stdout: null, stderr: null, end: end.promise, kill: leave }
}

/**
 * The host's own process, which a plugin can end, block and read. To end such a plugin is to hear it no more: its code
 * cannot be stopped. For first-party plugins that the operator names.
 */
export const inlineDriver = (clock: Clock): IsolationDriver => {
  const driver: IsolationDriver = {
    id: 'inline',
    spawn: async (spec) => openSandbox(await startGuest(), spec, clock),
    probe: () => runtimeStrengths(driver, 'none'),
  }
  return driver
}

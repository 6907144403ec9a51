import { once } from 'node:events'
import type { Clock } from '@covent/core'
import type { Container } from 'dockerode'
import type { GuestProcess, ProcessEnd } from '../../channel/ends/guest-process.ts'
import type { Usage } from '../isolation-driver.ts'
import type { AttachedStreams } from './attached-channel.ts'

const drainMs = 200
const killedCode = 137 // 128 + SIGKILL
const nsPerMs = 1_000_000

const usageOf = async (container: Container): Promise<Usage | undefined> => {
  try {
    const { memory_stats: memory, cpu_stats: cpu } = await container.stats({
      stream: false,
      'one-shot': true,
    })
    return { rssBytes: memory.usage, cpuMs: Math.round(cpu.cpu_usage.total_usage / nsPerMs) }
  } catch {
    return undefined // it has ended
  }
}

const wasOutOfMemory = (container: Container): Promise<boolean> =>
  container.inspect().then(
    ({ State }) => State.OOMKilled,
    () => false,
  )

/** The host's hold on a container that has been attached to; `waited` resolves with its exit code. */
export const containerGuest = (
  container: Container,
  { streams, waited }: { readonly streams: AttachedStreams; readonly waited: Promise<number | null> },
  clock: Clock,
): GuestProcess => {
  const { channel, printed } = streams
  const closed = once(channel, 'close')
  let words = ''
  closed.catch(() => {}) // it ends with the container, whose end is what is reported
  const end = async (): Promise<ProcessEnd> => {
    const code = await waited
    if (await wasOutOfMemory(container)) words = 'out of memory'
    await Promise.race([closed, clock.sleep(drainMs)])
    channel.destroy()
    await container.remove({ force: true, v: true }).catch(() => {}) // swept by the next server
    return code === killedCode ? { code: null, signal: 'SIGKILL' } : { code, signal: null }
  }
  return {
    pid: undefined,
    channel,
    stdout: null,
    stderr: printed,
    end: end(),
    usage: () => usageOf(container),
    lastWords: () => words,
    kill: () => void container.kill().catch(() => {}), // it has ended already
  }
}

import { type Clock, type Logger, PluginError } from '@covent/core'
import type { GuestMessage } from '@covent/plugin-sdk/protocol'
import type { ExitReason, Sandbox, SandboxSpec, Usage } from '../drivers/isolation-driver.ts'
import { type CallDesk, callDesk } from './call-desk.ts'
import { guestLink, type LinkHandlers, type Weight } from './guest-link.ts'
import type { GuestProcess, ProcessEnd } from './ends/guest-process.ts'
import { type Handshake, handshake } from './handshake.ts'
import { escapeControls, logOutput, noMask } from './output-lines.ts'
import { processTree } from './ends/process-usage.ts'
import { type Pulse, pulse } from './pulse.ts'
import { type Measured, metricWriter } from './own-metrics.ts'
import { tokenBucket } from './token-bucket.ts'

type LogMessage = Extract<GuestMessage, { kind: 'log' }>

interface Receivers {
  readonly guest: GuestProcess
  readonly hands: Handshake
  readonly heart: Pulse
  readonly desk: CallDesk
  log(message: LogMessage): void
  metric(measured: Measured): void
}

const lingerMs = 200
const fieldsLength = 4_096
const logLines = { perSecond: 20, burst: 200 }

const logWriter = (logger: Logger, clock: Clock): Receivers['log'] => {
  const lines = tokenBucket(logLines, clock)
  return ({ level, message, fields }) => {
    if (lines.take(0) > 0) return
    lines.take(1)
    const isSmall = JSON.stringify(fields ?? {}).length <= fieldsLength
    logger[level](escapeControls(message), isSmall ? { fields } : { fieldsDropped: true })
  }
}

const writers = ({ logger, metrics }: SandboxSpec, clock: Clock, plugin: () => string) => ({
  log: logWriter(logger, clock),
  metric: metricWriter(metrics, clock, plugin),
})

const receive = (receivers: Receivers, message: GuestMessage): Weight => {
  const { guest, hands, heart, desk, log, metric } = receivers
  switch (message.kind) {
    case 'request':
      return desk.request(message) ? 'request' : 'chatter'
    case 'progress':
      desk.progress(message)
      return 'chatter'
    case 'log':
      log(message)
      return 'chatter'
    case 'metric':
      metric(message)
      return 'chatter'
    case 'pong':
      heart.answer(message.n)
      return 'answer'
    case 'result':
    case 'failure':
      desk.settle(message)
      return 'answer'
    case 'hello':
      guest.onGreeted?.()
      hands.receive(message)
      return 'answer'
    default:
      hands.receive(message)
      return 'answer'
  }
}

const printing = (guest: GuestProcess, spec: SandboxSpec, clock: Clock): (() => string) => {
  if (guest.stdout) logOutput(guest.stdout, spec, clock)
  const printed = guest.stderr ? logOutput(guest.stderr, spec, clock) : () => ''
  return () => [(spec.mask ?? noMask).text(guest.lastWords?.() ?? ''), printed()].filter(Boolean).join(' | ')
}

const stopWithin = async (sandbox: Pick<Sandbox, 'exited' | 'kill'>, error: PluginError, sleep: Sleep) => {
  const timer = new AbortController()
  const late = sleep(timer.signal).then(
    () => sandbox.kill(error),
    () => {}, // it ended in time
  )
  await Promise.race([sandbox.exited, late])
  timer.abort()
  await sandbox.exited
}
const endWords = (plugin: string, { code, signal }: ProcessEnd, lastWords: string): string => {
  const how = signal === null ? `with code ${code}` : `by ${signal}`
  return [`${plugin} ended ${how}`, lastWords].filter(Boolean).join(': ')
}

/** A process that ends closes its channel first; one that closes it and lives on is of no use. */
const endWithChannel = ({ channel, kill }: GuestProcess, clock: Clock): void => {
  channel.on('error', () => {}) // the end of the process is what is reported
  channel.once('close', () => void clock.sleep(lingerMs).then(kill))
}

const unloaded = (plugin: string): PluginError =>
  new PluginError('plugin.unavailable', `${plugin} was unloaded`)
const tooLate = (name: string, timeoutMs: number): PluginError =>
  new PluginError('plugin.timeout', `${name} did not load within ${timeoutMs} ms`)

const usageOf = async (guest: GuestProcess): Promise<Usage | undefined> => {
  if (guest.pid === undefined) return guest.usage?.()
  const { rssBytes, cpuMs } = processTree(guest.pid)
  return { rssBytes, cpuMs }
}

type Sleep = (signal: AbortSignal) => Promise<void>

/** The host's view of what runs a guest. */
export const openSandbox = (guest: GuestProcess, spec: SandboxSpec, clock: Clock): Sandbox => {
  const { name } = spec
  let plugin = name // its id, once that is known
  let cause: PluginError | undefined

  const kill = (error: PluginError): void => {
    cause ??= error
    guest.kill()
  }
  const handlers: LinkHandlers = {
    onMessage: (message) => receive(receivers, message),
    onBreach: (what) => kill(new PluginError('plugin.protocol', `${name}: ${what}`)),
  }
  const link = guestLink(guest.channel, handlers, clock)
  const hands = handshake(name, link.send)
  const heart = pulse(link.send)
  const desk = callDesk({
    link,
    heart,
    kill,
    clock,
    callsPerSecond: spec.callsPerSecond,
    mask: spec.mask,
    plugin: () => plugin,
    broker: (request) => spec.broker(request),
  })
  const receivers: Receivers = { guest, hands, heart, desk, ...writers(spec, clock, () => plugin) }
  const lastWords = printing(guest, spec, clock)
  endWithChannel(guest, clock)

  const conclude = (end: ProcessEnd): ExitReason => {
    const error = cause ?? new PluginError('plugin.crashed', endWords(plugin, end, lastWords()))
    hands.fail(error)
    desk.fail(error)
    return { ...end, error }
  }
  const exited = guest.end.then(conclude)

  return {
    pid: guest.pid,
    exited,
    kill,
    load(source, timeoutMs) {
      const timer = setTimeout(() => kill(tooLate(name, timeoutMs)), timeoutMs)
      return hands.load(source).finally(() => clearTimeout(timer))
    },
    start(id, grants) {
      plugin = id
      link.send({ kind: 'start', grants: [...grants] })
    },
    grant: (grants) => link.send({ kind: 'grants', grants: [...grants] }),
    call: (action, input, options) => desk.call(action, input, options),
    heartbeat: () => heart.beat(),
    usage: () => usageOf(guest),
    stop(graceMs) {
      link.send({ kind: 'stop' })
      return stopWithin({ exited, kill }, unloaded(plugin), (signal) => clock.sleep(graceMs, signal))
    },
  }
}

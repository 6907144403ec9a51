import type { ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { type Clock, PluginError } from '@covent/core'
import { type GuestMessage, sourceChunkBytes } from '@covent/plugin-sdk/protocol'
import type { ExitReason, Sandbox, SandboxSpec } from '../drivers/isolation-driver.ts'
import { callDesk } from './call-desk.ts'
import { guestLink, type Weight } from './guest-link.ts'
import { logOutput, escapeControls } from './output-lines.ts'
import { tokenBucket } from './token-bucket.ts'

type AnswerMessage = Exclude<GuestMessage, { kind: 'request' | 'progress' | 'log' }>

const drainMs = 100
const logLines = { perSecond: 20, burst: 200 }

/** Resolves when the process has ended and what it said has been read. */
const ended = async (child: ChildProcess, clock: Clock): Promise<Omit<ExitReason, 'error'>> => {
  const { promise, resolve } = Promise.withResolvers<Omit<ExitReason, 'error'>>()
  child.once('error', () => resolve({ code: null, signal: null }))
  child.once('exit', (code, signal) => resolve({ code, signal }))
  const socket = child.stdio[3] as Duplex | undefined
  const closed = new Promise((done) => socket?.once('close', done))
  const reason = await promise
  await Promise.race([closed, clock.sleep(drainMs)])
  socket?.destroy()
  return reason
}

const killGroup = ({ pid }: ChildProcess): void => {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

/** The host's view of a process that runs the guest with descriptor 3 as its channel. */
export const openSandbox = (child: ChildProcess, spec: SandboxSpec, clock: Clock): Sandbox => {
  const { name, logger } = spec
  const socket = child.stdio[3] as Duplex
  const loaded = Promise.withResolvers<unknown>()
  const greeted = Promise.withResolvers<void>()
  const pluginLog = tokenBucket(logLines, clock)
  const beat = { asked: 0, answered: 0 }
  let plugin = name
  let hasGreeted = false
  let isLoading = false
  let cause: PluginError | undefined

  const kill = (error: PluginError): void => {
    cause ??= error
    killGroup(child)
  }
  const ask = (): (() => boolean) => {
    const n = ++beat.asked
    link.send({ kind: 'ping', n })
    return () => beat.answered >= n
  }
  const answerBeat = (n: number): void => {
    if (n <= beat.answered || n > beat.asked) throw new Error('it answered a question that nobody asked')
    beat.answered = n
  }
  const settleLoad = (settle: () => void): void => {
    if (!isLoading) throw new Error('it described itself unasked')
    isLoading = false
    settle()
  }
  const greet = (): void => {
    if (hasGreeted) throw new Error('it greeted twice')
    hasGreeted = true
    greeted.resolve()
  }
  const write = ({ level, message, fields }: Extract<GuestMessage, { kind: 'log' }>): void => {
    if (pluginLog.take(0) > 0) return
    pluginLog.take(1)
    logger[level](escapeControls(message), fields === undefined ? {} : { plugin: { fields } })
  }
  const receive = (message: GuestMessage): Weight => {
    switch (message.kind) {
      case 'request':
        return desk.request(message) ? 'request' : 'chatter'
      case 'progress':
        desk.progress(message)
        return 'chatter'
      case 'log':
        write(message)
        return 'chatter'
      default:
        answer(message)
        return 'answer'
    }
  }
  const answer = (message: AnswerMessage): void => {
    switch (message.kind) {
      case 'hello':
        return greet()
      case 'described':
        return settleLoad(() => loaded.resolve(message.manifest))
      case 'broken':
        return settleLoad(() =>
          loaded.reject(new PluginError('plugin.invalid', `${name}: ${escapeControls(message.message)}`)),
        )
      case 'pong':
        return answerBeat(message.n)
      case 'result':
      case 'failure':
        return desk.settle(message)
    }
  }
  const onBreach = (what: string): void => kill(new PluginError('plugin.protocol', `${name}: ${what}`))
  const link = guestLink(socket, { onMessage: receive, onBreach }, clock)
  const desk = callDesk({ link, name, plugin: () => plugin, ask, kill, broker: (r) => spec.broker(r) })
  socket.on('error', () => {}) // the end of the process is what is reported
  socket.once('close', () => killGroup(child))
  if (child.stdout) logOutput(child.stdout, logger, clock)
  const lastWords = child.stderr ? logOutput(child.stderr, logger, clock) : () => ''
  loaded.promise.catch(() => {}) // `load` may not have been called when the process ends
  greeted.promise.catch(() => {})

  const exited = ended(child, clock).then(({ code, signal }) => {
    const how = signal === null ? `with code ${code}` : `by ${signal}`
    const said = lastWords()
    const words = `${name} ended ${how}${said === '' ? '' : `: ${said}`}`
    const error = cause ?? new PluginError('plugin.crashed', words)
    for (const waiting of [greeted, loaded]) waiting.reject(error)
    desk.fail(error)
    return { code, signal, error }
  })

  return {
    pid: child.pid,
    exited,
    kill,
    async load(source, timeoutMs) {
      const late = new PluginError('plugin.timeout', `${name} did not load within ${timeoutMs} ms`)
      const timer = setTimeout(() => kill(late), timeoutMs)
      try {
        await greeted.promise
        isLoading = true
        sendSource(new TextEncoder().encode(source), (chunk, last) =>
          link.send({ kind: 'source', chunk, last }),
        )
        return await loaded.promise
      } finally {
        clearTimeout(timer)
      }
    },
    start(id, grants) {
      plugin = id
      link.send({ kind: 'start', grants: [...grants] })
    },
    call: (action, input, options) => desk.call(action, input, options),
    heartbeat() {
      const answered = beat.answered >= beat.asked
      ask()
      return answered
    },
    async stop(graceMs) {
      link.send({ kind: 'stop' })
      const timer = new AbortController()
      const late = clock.sleep(graceMs, timer.signal).then(
        () => kill(new PluginError('plugin.unavailable', `${name} was unloaded`)),
        () => {}, // it ended in time
      )
      await Promise.race([exited, late])
      timer.abort()
      await exited
    },
  }
}

const sendSource = (
  source: Uint8Array<ArrayBuffer>,
  send: (chunk: Uint8Array<ArrayBuffer>, last: boolean) => void,
): void => {
  for (let at = 0; at === 0 || at < source.length; at += sourceChunkBytes)
    send(source.subarray(at, at + sourceChunkBytes), at + sourceChunkBytes >= source.length)
}

import type { CallContext, Clock, Logger } from '@covent/core'
import { callPart, hookCall, type PartOwner, tellFailure } from '../parts/call-part.ts'

export interface LineOptions {
  readonly plugin: PartOwner
  readonly name: string
  readonly clock: Clock
  readonly logger: Logger
  /** From 0 to 1. */
  random(): number
}

/** One channel of one running plugin, kept open until it is closed or the plugin's process ends. */
export interface ChannelLine {
  readonly name: string
  /** Whether this call is the one by which the channel is open. */
  owns(call: CallContext): boolean
  /** Takes the plugin's word that it has started. */
  started(): void
  /** Also while it starts, when it may have delivered already. */
  isOpen(): boolean
  send(message: { readonly conversationId: string; readonly text: string }): Promise<void>
  /** Why it is not well; undefined where it is. */
  complaint(): Promise<string | undefined>
  /** Runs `stop` and ends the open call. */
  close(): Promise<void>
}

const startMs = 30_000
const sendMs = 30_000
const stopMs = 5_000
const askMs = 2_000
const leastRestMs = 1_000
const longestRestMs = 60_000

interface Line extends LineOptions {
  readonly closed: AbortController
  call: CallContext | undefined
  started: PromiseWithResolvers<void>
  isStarted: boolean
  failures: number
}

const ask = (line: Line, act: string, { input, timeoutMs }: { input?: unknown; timeoutMs: number }) =>
  callPart(line.plugin, {
    part: 'channel',
    name: `${line.name}/${act}`,
    input,
    call: hookCall(line.clock),
    timeoutMs,
  })

/** Gives an attempt up that has not started in time. */
const watchStart = async (line: Line, attempt: AbortController): Promise<void> => {
  const { started, clock } = line
  const late = async (): Promise<void> => {
    await clock.sleep(startMs, attempt.signal)
    attempt.abort(new Error(`it did not start within ${startMs} ms`))
  }
  await Promise.race([started.promise, late().catch(() => {})]) // the attempt is over
}

const attempt = async (line: Line): Promise<void> => {
  const one = new AbortController()
  line.call = hookCall(line.clock)
  line.started = Promise.withResolvers()
  void watchStart(line, one)
  const signal = AbortSignal.any([one.signal, line.closed.signal])
  const { plugin, name, call } = line
  try {
    await callPart(plugin, {
      part: 'channel',
      name: `${name}/start`,
      input: {},
      call,
      timeoutMs: Infinity,
      signal,
    })
  } finally {
    one.abort()
    line.call = undefined
    line.isStarted = false
  }
}

const restMs = ({ failures, random }: Line): number =>
  leastRestMs + random() * (Math.min(longestRestMs, leastRestMs * 2 ** failures) - leastRestMs)

const run = async (line: Line): Promise<void> => {
  const { plugin, name, clock, logger, closed } = line
  while (!closed.signal.aborted) {
    try {
      await attempt(line)
    } catch (error) {
      if (closed.signal.aborted) return
      line.failures++
      tellFailure(plugin, { where: `channel/${name}`, error }, clock)
      const { message: reason } = error as Error
      logger.warn('a channel is not open', { plugin: plugin.manifest.id, channel: name, reason })
    }
    await clock.sleep(restMs(line), closed.signal).catch(() => {}) // closed: the loop ends
  }
}

const complaintOf = async (line: Line): Promise<string | undefined> => {
  if (!line.isStarted) return line.failures === 0 ? undefined : `its channel ${line.name} does not open`
  try {
    if ((await ask(line, 'connected', { timeoutMs: askMs })) === true) return undefined
    return `its channel ${line.name} is not connected`
  } catch (error) {
    return `its channel ${line.name} does not say whether it is connected: ${(error as Error).message}`
  }
}

export const channelLine = (options: LineOptions): ChannelLine => {
  const line: Line = {
    ...options,
    closed: new AbortController(),
    call: undefined,
    started: Promise.withResolvers(),
    isStarted: false,
    failures: 0,
  }
  void options.plugin.sandbox.exited.then(() => line.closed.abort())
  const running = run(line)
  return {
    name: options.name,
    owns: (call) => line.call === call,
    started() {
      line.isStarted = true
      line.failures = 0
      line.started.resolve()
    },
    isOpen: () => line.call !== undefined,
    send: async (message) => void (await ask(line, 'send', { input: message, timeoutMs: sendMs })),
    complaint: () => complaintOf(line),
    async close() {
      if (line.isStarted) await ask(line, 'stop', { timeoutMs: stopMs }).catch(() => {}) // it ends anyway
      line.closed.abort(new Error('the channel is closed'))
      await running
    },
  }
}

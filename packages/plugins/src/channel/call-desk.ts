import { AppError, type Clock, LimitError, PluginError, type SecretMask } from '@covent/core'
import { type GuestMessage, WireError } from '@covent/plugin-sdk/protocol'
import type { BrokerRequest, CallOptions } from '../drivers/isolation-driver.ts'
import { type CallTable, callTable, type OpenCall } from './call-table.ts'
import { deadline } from './deadline.ts'
import type { GuestLink } from './guest-link.ts'
import { escapeControls, noMask } from './output-lines.ts'
import { type pseudonym, pseudonymousCall, rememberedPseudonym } from './pseudonym.ts'
import type { Pulse } from './pulse.ts'
import { type TokenBucket, tokenBucket } from './token-bucket.ts'

type RequestMessage = Extract<GuestMessage, { kind: 'request' }>
type EndMessage = Extract<GuestMessage, { kind: 'result' | 'failure' }>

/** Keeps the calls of one sandbox: who asked, what the guest may answer, and until when. */
export interface CallDesk {
  call(action: string, input: unknown, options: CallOptions): Promise<unknown>
  /** Throws for an answer to a call that nobody made. */
  settle(message: EndMessage): void
  progress(message: Extract<GuestMessage, { kind: 'progress' }>): void
  /** False where it was refused at once. Throws for a request that no honest guest makes. */
  request(message: RequestMessage): boolean
  /** Fails what is in flight. */
  fail(error: unknown): void
}

export interface DeskOptions {
  readonly link: GuestLink
  readonly heart: Pulse
  /** The id as which the plugin runs. */
  plugin(): string
  kill(error: PluginError): void
  broker(request: BrokerRequest): Promise<unknown>
  readonly callsPerSecond: number | undefined
  readonly clock: Clock
  readonly mask: Pick<SecretMask, 'text'> | undefined
}

interface Wanted {
  readonly action: string
  readonly input: unknown
}

interface Desk extends DeskOptions {
  readonly calls: CallTable
  readonly pseudonym: typeof pseudonym
  readonly rate: TokenBucket | undefined
  requesting: number
  /** Why there are no calls any more. */
  ended: { readonly error: unknown } | undefined
}

const inFlightCap = 64
const wordsLength = 2_000
const progressLines = { perSecond: 20, burst: 100 }
/** How long a plugin may go on with a call that the host gave up. */
const lateMs = 5_000

const giveUp = ({ calls, link, kill, plugin }: Desk, id: number, error: unknown): void => {
  const call = calls.take(id)
  if (call === undefined) return
  const hung = new PluginError('plugin.timeout', `${plugin()} went on with a call that had been cancelled`)
  const timer = setTimeout(() => kill(hung), lateMs)
  calls.giveUp(id, timer)
  link.send({ kind: 'cancel', id, reason: error instanceof Error ? error.message : 'cancelled' })
  call.settle({ error })
}

const watch = (desk: Desk, id: number, { timeoutMs, signal }: CallOptions): Disposable => {
  const expire = (alive: boolean): void => {
    const late = new PluginError('plugin.timeout', `${desk.plugin()} did not answer within ${timeoutMs} ms`)
    return alive ? giveUp(desk, id, late) : desk.kill(late)
  }
  const timer = Number.isFinite(timeoutMs) ? deadline(timeoutMs, { ask: desk.heart.ask, expire }) : undefined
  const abort = (): void => giveUp(desk, id, signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  return {
    [Symbol.dispose]() {
      timer?.[Symbol.dispose]()
      signal.removeEventListener('abort', abort)
    },
  }
}

const open = (desk: Desk, options: CallOptions, answer: PromiseWithResolvers<unknown>): OpenCall => {
  const ended = new AbortController()
  const call = desk.calls.add({
    context: options.context,
    ended: ended.signal,
    onProgress: options.onProgress,
    settle(outcome) {
      watcher[Symbol.dispose]()
      ended.abort(new PluginError('plugin.unavailable', 'the call has ended'))
      if ('error' in outcome) answer.reject(outcome.error)
      else answer.resolve(outcome.output)
    },
  })
  const watcher = watch(desk, call.id, options)
  return call
}

const checkRoom = ({ calls, link, plugin, ended }: Desk): void => {
  if (ended !== undefined) throw ended.error
  if (calls.size < inFlightCap && !link.isClogged()) return
  throw new PluginError('plugin.overloaded', `${plugin()} has ${calls.size} calls in flight; try again later`)
}

/** What others may call is counted; what the host itself asks of a plugin is not. */
const checkRate = ({ rate, plugin, callsPerSecond }: Desk, { part = 'action' }: CallOptions): void => {
  if (rate === undefined || (part !== 'action' && part !== 'service')) return
  if (rate.take(0) > 0)
    throw new PluginError(
      'plugin.overloaded',
      `${plugin()} is called more than ${callsPerSecond} times a second; try again later`,
    )
  rate.take(1)
}

const start = async (desk: Desk, { action, input }: Wanted, options: CallOptions): Promise<unknown> => {
  options.signal.throwIfAborted()
  checkRoom(desk)
  checkRate(desk, options)
  const answer = Promise.withResolvers<unknown>()
  const { id } = open(desk, options, answer)
  const call = pseudonymousCall(desk.plugin(), options.context, desk.pseudonym)
  try {
    desk.link.send({ kind: 'call', id, part: options.part, action, input, call })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'it cannot be sent'
    const error = new PluginError('plugin.input-invalid', `${action}: ${reason}`, { cause })
    desk.calls.take(id)?.settle({ error })
  }
  return answer.promise
}

const settle = ({ calls, plugin, mask = noMask }: Desk, message: EndMessage): void => {
  const call = calls.take(message.id)
  if (call === undefined) {
    if (!calls.takeLate(message.id)) throw new Error('it answered a call that nobody made')
    return
  }
  if (message.kind === 'result') return call.settle({ output: message.output })
  const { code, message: words } = message.error
  const told = `${plugin()}: ${escapeControls(mask.text(words).slice(0, wordsLength))}`
  const error = code === 'limit.budget-exceeded' ? new LimitError(code, told) : new PluginError(code, told)
  call.settle({ error })
}

const refusalOf = (error: unknown): { readonly code: string; readonly message: string } => {
  if (AppError.is(error)) return { code: error.code, message: error.message }
  if (error instanceof WireError) return { code: 'plugin.input-invalid', message: error.message }
  return { code: 'plugin.unavailable', message: 'the host could not do it' }
}

const answer = async (desk: Desk, call: OpenCall, message: RequestMessage): Promise<void> => {
  const { link, kill, plugin } = desk
  const { n, method, params } = message
  desk.requesting++
  try {
    const value = await desk.broker({ call: call.context, n, method, params, signal: call.ended })
    link.send({ kind: 'reply', call: message.call, n, value })
  } catch (error) {
    link.send({ kind: 'refusal', call: message.call, n, error: refusalOf(error) })
  } finally {
    desk.requesting--
  }
  if (link.isClogged())
    kill(new PluginError('plugin.protocol', `${plugin()} does not read what it asked for`))
}

const refuse = (link: GuestLink, { call, n }: RequestMessage, message: string): false => {
  link.send({ kind: 'refusal', call, n, error: { code: 'plugin.unavailable', message } })
  return false
}

const request = (desk: Desk, message: RequestMessage): boolean => {
  const { calls, link } = desk
  const call = calls.find(message.call)
  if (call === undefined && !calls.isIssued(message.call))
    throw new Error('it asked on behalf of a call that nobody made')
  if (call === undefined) return refuse(link, message, 'the call has ended')
  if (message.n !== call.requests) throw new Error('it miscounted its requests')
  call.requests++
  if (desk.requesting >= inFlightCap)
    return refuse(link, message, `more than ${inFlightCap} requests at once`)
  void answer(desk, call, message)
  return true
}

const rateOf = ({ callsPerSecond, clock }: DeskOptions): TokenBucket | undefined =>
  callsPerSecond === undefined
    ? undefined
    : tokenBucket({ perSecond: callsPerSecond, burst: callsPerSecond }, clock)

export const callDesk = (options: DeskOptions): CallDesk => {
  const progress = tokenBucket(progressLines, options.clock)
  const desk: Desk = {
    ...options,
    calls: callTable(),
    pseudonym: rememberedPseudonym(),
    rate: rateOf(options),
    requesting: 0,
    ended: undefined,
  }
  return {
    call: (action, input, callOptions) => start(desk, { action, input }, callOptions),
    settle: (message) => settle(desk, message),
    progress({ id, text }) {
      if (progress.take(0) > 0) return
      progress.take(1)
      desk.calls.find(id)?.onProgress?.(text)
    },
    request: (message) => request(desk, message),
    fail(error) {
      desk.ended = { error }
      for (const call of desk.calls.drain()) call.settle({ error })
    },
  }
}

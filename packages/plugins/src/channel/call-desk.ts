import { AppError, PluginError } from '@covent/core'
import { type GuestMessage, WireError } from '@covent/plugin-sdk/protocol'
import type { BrokerRequest, CallOptions } from '../drivers/isolation-driver.ts'
import { callTable, type OpenCall } from './call-table.ts'
import { deadline } from './deadline.ts'
import type { GuestLink } from './guest-link.ts'
import { pseudonymousCall } from './pseudonym.ts'

const inFlightCap = 64
/** How long a plugin may go on with a call that the host gave up. */
const lateMs = 5_000

export interface CallDesk {
  call(action: string, input: unknown, options: CallOptions): Promise<unknown>
  settle(message: Extract<GuestMessage, { kind: 'result' | 'failure' }>): void
  progress(message: Extract<GuestMessage, { kind: 'progress' }>): void
  /** False where it was refused at once. */
  request(message: Extract<GuestMessage, { kind: 'request' }>): boolean
  /** Fails what is in flight. */
  fail(error: unknown): void
}

export interface DeskOptions {
  readonly link: GuestLink
  readonly name: string
  /** The id as which the plugin runs. */
  plugin(): string
  ask(): () => boolean
  kill(error: PluginError): void
  broker(request: BrokerRequest): Promise<unknown>
}

/** Keeps the calls of one sandbox: who asked, what the guest may answer, and until when. */
export const callDesk = ({ link, name, plugin, ask, kill, broker }: DeskOptions): CallDesk => {
  const calls = callTable()
  let requesting = 0

  const giveUp = (id: number, error: unknown): void => {
    const call = calls.take(id)
    if (call === undefined) return
    const hung = new PluginError('plugin.timeout', `${name} went on with a call that had been cancelled`)
    calls.giveUp(
      id,
      setTimeout(() => kill(hung), lateMs),
    )
    link.send({ kind: 'cancel', id, reason: error instanceof Error ? error.message : 'cancelled' })
    call.settle({ error })
  }

  const expire = (id: number, alive: boolean, timeoutMs: number): void => {
    const error = new PluginError('plugin.timeout', `${name} did not answer within ${timeoutMs} ms`)
    if (alive) giveUp(id, error)
    else kill(error)
  }

  const watch = (id: number, { timeoutMs, signal }: CallOptions): Disposable => {
    const timer = deadline(timeoutMs, { ask, expire: (alive) => expire(id, alive, timeoutMs) })
    const abort = (): void => giveUp(id, signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    return {
      [Symbol.dispose]() {
        timer[Symbol.dispose]()
        signal.removeEventListener('abort', abort)
      },
    }
  }

  const open = (options: CallOptions, promise: PromiseWithResolvers<unknown>): OpenCall => {
    const call = calls.add({
      context: options.context,
      onProgress: options.onProgress,
      settle(outcome) {
        watcher[Symbol.dispose]()
        if ('error' in outcome) promise.reject(outcome.error)
        else promise.resolve(outcome.output)
      },
    })
    const watcher = watch(call.id, options)
    return call
  }

  const answer = async (call: OpenCall, { call: id, n, method, params }: RequestMessage): Promise<void> => {
    requesting++
    try {
      const value = await broker({ call: call.context, n, method, params })
      link.send({ kind: 'reply', call: id, n, value })
    } catch (error) {
      link.send({ kind: 'refusal', call: id, n, error: refusalOf(error) })
    } finally {
      requesting--
    }
    if (link.isClogged()) kill(new PluginError('plugin.protocol', `${name} does not read what it asked for`))
  }

  const busy = (): PluginError | undefined => {
    if (calls.size < inFlightCap && !link.isClogged()) return undefined
    return new PluginError('plugin.overloaded', `${name} has ${calls.size} calls in flight; try again later`)
  }

  return {
    async call(action, input, options) {
      options.signal.throwIfAborted()
      const error = busy()
      if (error !== undefined) throw error
      const promise = Promise.withResolvers<unknown>()
      const { id } = open(options, promise)
      try {
        link.send({ kind: 'call', id, action, input, call: pseudonymousCall(plugin(), options.context) })
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : 'unknown'
        const refused = new PluginError('plugin.input-invalid', `${action}: ${reason}`, { cause })
        calls.take(id)?.settle({ error: refused })
      }
      return promise.promise
    },
    settle(message) {
      const call = calls.take(message.id)
      if (call === undefined) {
        if (!calls.takeLate(message.id)) throw new Error('it answered a call that nobody made')
        return
      }
      if (message.kind === 'result') return call.settle({ output: message.output })
      call.settle({ error: new PluginError(message.error.code, `${plugin()}: ${message.error.message}`) })
    },
    progress: ({ id, text }) => calls.find(id)?.onProgress?.(text),
    request(message) {
      const call = calls.find(message.call)
      if (call === undefined && !calls.isIssued(message.call))
        throw new Error('it asked on behalf of a call that nobody made')
      if (call === undefined) return refuse(link, message, 'the call has ended')
      if (message.n !== call.requests) throw new Error('it miscounted its requests')
      call.requests++
      if (requesting >= inFlightCap) return refuse(link, message, `more than ${inFlightCap} requests at once`)
      void answer(call, message)
      return true
    },
    fail(error) {
      for (const call of calls.drain()) call.settle({ error })
    },
  }
}

type RequestMessage = Extract<GuestMessage, { kind: 'request' }>

const refuse = (link: GuestLink, { call, n }: RequestMessage, message: string): false => {
  link.send({ kind: 'refusal', call, n, error: { code: 'plugin.unavailable', message } })
  return false
}

const refusalOf = (error: unknown): { readonly code: string; readonly message: string } => {
  if (AppError.is(error)) return { code: error.code, message: error.message }
  if (error instanceof WireError) return { code: 'plugin.input-invalid', message: error.message }
  return { code: 'plugin.unavailable', message: 'the host could not do it' }
}

import { execFile } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { promisify } from 'node:util'
import type { EventBus } from '@covent/core'
import { memoryEventBus } from '@covent/events'

const types = [
  'agent.message.received',
  'agent.message.sent',
  'conversation.message',
  'plugin.loaded',
] as const
type Type = (typeof types)[number]

interface Payload {
  readonly messageId: string
  readonly conversationId: string
  readonly text: string
  readonly size: number
}

const payloads: readonly Payload[] = Array.from({ length: 64 }, (_, n) => ({
  messageId: `msg_${n}`,
  conversationId: `conv_${n % 7}`,
  text: 'x'.repeat(n),
  size: n,
}))

/** What the handlers did, so that none of it can be left out. */
const sink = { calls: 0, bytes: 0, last: '' }

type Handler = (payload: Payload) => void

/** Five pieces of code, so that no call of a handler can be inlined; many listeners are many closures over them. */
const kinds: readonly ((n: number) => Handler)[] = [
  (n) => (payload) => {
    sink.calls++
    if (payload.size > n) sink.bytes += payload.text.length
  },
  (n) => (payload) => {
    sink.calls += 1 + (payload.messageId.length & n & 1)
  },
  (n) => (payload) => {
    sink.calls++
    sink.bytes += payload.size ^ n
  },
  () => (payload) => {
    sink.calls++
    sink.last = payload.conversationId
  },
  (n) => (payload) => {
    if (payload.size !== n) sink.calls++
    sink.last = payload.messageId
  },
]

const handlers = (count: number, first: number): Handler[] =>
  Array.from({ length: count }, (_, n) => kinds[(first + n) % kinds.length]!(n))

/**
 * Types in the order in which one turn after another emits them. In an order that no branch predictor can learn the two
 * are level (0.95 to 1.04 at one listener), as the miss then costs more than either does.
 */
const order: readonly Type[] = Array.from({ length: 8192 }, (_, n) => types[n % types.length]!)

const openBus = (listeners: number): EventBus<Record<Type, Payload>> => {
  const bus = memoryEventBus<Record<Type, Payload>>()
  for (const [n, type] of types.entries()) for (const handler of handlers(listeners, n)) bus.on(type, handler)
  return bus
}

const openEmitter = (listeners: number): EventEmitter => {
  const emitter = new EventEmitter()
  emitter.setMaxListeners(0)
  for (const [n, type] of types.entries())
    for (const handler of handlers(listeners, n)) emitter.on(type, handler)
  return emitter
}

// The same loop twice, so that each calls its `emit` directly, as a program does.
const busRate = (bus: EventBus<Record<Type, Payload>>, emits: number): number => {
  const startedAt = performance.now()
  for (let n = 0; n < emits; n++) bus.emit(order[n & 8191]!, payloads[n & 63]!)
  return (emits / (performance.now() - startedAt)) * 1000
}
const emitterRate = (emitter: EventEmitter, emits: number): number => {
  const startedAt = performance.now()
  for (let n = 0; n < emits; n++) emitter.emit(order[n & 8191]!, payloads[n & 63]!)
  return (emits / (performance.now() - startedAt)) * 1000
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

export interface EmitResult {
  readonly listeners: number
  readonly covent: number
  readonly node: number
  /** Ours over Node's EventEmitter: the median of the rounds' ratios. */
  readonly ratio: number
}

const warmUpRounds = 15

const compare = (listeners: number, rounds: number): EmitResult => {
  const emits = Math.ceil(400_000 / listeners)
  const bus = openBus(listeners)
  const emitter = openEmitter(listeners)
  const results = Array.from({ length: warmUpRounds + rounds }, (_, round) => {
    if (round % 2 === 0) return { covent: busRate(bus, emits), node: emitterRate(emitter, emits) }
    const node = emitterRate(emitter, emits)
    return { covent: busRate(bus, emits), node }
  }).slice(warmUpRounds)
  return {
    listeners,
    covent: median(results.map((result) => result.covent)),
    node: median(results.map((result) => result.node)),
    ratio: median(results.map(({ covent, node }) => covent / node)),
  }
}

const processes = 13

/**
 * Emits per second of the memory bus (isolated, counted, ordered) and of Node's bare EventEmitter, turn about in one
 * process. Where the compiler puts the two loops differs from process to process by more than they differ from each
 * other, so that for each number of listeners the process with the median ratio is shown.
 */
export const run = async (rounds = 15): Promise<readonly EmitResult[]> => {
  const results: EmitResult[] = []
  for (const listeners of [1, 10, 100]) {
    const args = [...process.execArgv, import.meta.filename, String(listeners), String(rounds)]
    const all: EmitResult[] = []
    while (all.length < processes)
      all.push(JSON.parse((await promisify(execFile)(process.execPath, args)).stdout) as EmitResult)
    results.push(all.toSorted((a, b) => a.ratio - b.ratio)[processes >> 1]!)
  }
  return results
}

const print = ({ listeners, covent, node, ratio }: EmitResult): void =>
  console.log(
    `${listeners} listeners: ${Math.round(covent)} emits/s, EventEmitter ${Math.round(node)}, ratio ${ratio.toFixed(2)}`,
  )

if (import.meta.main) {
  const [listeners, rounds] = process.argv.slice(2).map(Number)
  if (listeners === undefined) (await run()).forEach(print)
  else console.log(JSON.stringify(compare(listeners, rounds ?? 41)))
}

import { run } from '../packages/events/bench/emit.ts'
import type { Row } from './support/row.ts'

/** Emits of the memory bus, handlers isolated and counted, against Node's bare EventEmitter. */
export const eventBus = async (): Promise<Row[]> =>
  (await run()).map(({ listeners, covent, node, ratio }) => ({
    measure: `event bus, emit to ${listeners} listener${listeners === 1 ? '' : 's'}, each isolated, in the order of turns`,
    seen: `${ratio.toFixed(2)} × (${(covent / 1e6).toFixed(2)} M/s)`,
    rival: `Node’s EventEmitter, ${(node / 1e6).toFixed(2)} M/s`,
    aim: '≥ 1.0 ×',
    isMet: ratio >= 1,
  }))

import { systemClock } from '../packages/core/src/index.ts'
import { guardedFetch } from '../packages/egress/src/index.ts'
import { run } from '../packages/plugins/bench/fetch.ts'
import type { Row } from './support/row.ts'

/** What a plugin pays for going out through the broker, against the same request of the host itself. */
export const brokeredFetch = async (): Promise<Row[]> => {
  const egress = guardedFetch({ clock: systemClock, resolve: async () => ['127.0.0.1'] })
  const { directMs, undiciMs, brokeredMs } = await run(egress)
  const overMs = brokeredMs - directMs
  return [
    {
      measure: 'a plugin’s HTTP request through the broker, over the host’s own',
      seen: `+${overMs.toFixed(2)} ms (${brokeredMs.toFixed(2)} ms)`,
      rival: `node:http ${directMs.toFixed(2)} ms, fetch ${undiciMs.toFixed(2)} ms`,
      aim: '≤ 1 ms',
      isMet: overMs <= 1,
    },
  ]
}

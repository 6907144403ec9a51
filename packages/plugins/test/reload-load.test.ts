import type { EventMap } from '@covent/core'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { inThreads, startRoster } from './start-roster.ts'

const sdk = `import { definePlugin, defineService, uses, z } from '@covent/plugin-sdk'
const n = z.object({ n: z.number() })
const echo = (version) => defineService('acme.echo', version, { echo: { input: n, output: n } })`

/** Says of each piece of work that it did it, so that work done twice shows. */
const worker = (version: string): string => `${sdk}
const work = (kind) => async (input, ctx) => {
  ctx.emit('did', { kind, n: input.n })
  await new Promise((done, fail) => {
    setTimeout(done, 5)
    ctx.signal.addEventListener('abort', () => fail(ctx.signal.reason))
  })
  return { n: input.n }
}
export default definePlugin({
  id: 'acme.worker', version: '${version}', type: 'extension', description: 'Made for a test.',
  emits: { did: z.object({ kind: z.string(), n: z.number() }) },
  on: { async 'system.started'({ pid }, ctx) { await work('event')({ n: pid }, ctx) } },
  provides: { echo: { contract: echo('1.0.0'), methods: { echo: work('service') } } },
  actions: { run: { description: 'x', effect: 'read', input: n, output: n, run: work('action') } },
})`

const caller = `${sdk}
export default definePlugin({
  id: 'acme.caller', version: '1.0.0', type: 'extension', description: 'Made for a test.',
  services: { echo: uses(echo('1.0.0'), '^1.0.0') },
  actions: { run: { description: 'x', effect: 'read', input: n, output: n,
    run: (input, ctx) => ctx.services.echo.echo(input) } },
})`

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

interface Work {
  readonly asked: number[]
  readonly answered: number[]
  readonly failed: unknown[]
}

describeWith('bubblewrap', 'reloads under load', () => {
  it.each([
    ['in sandboxes', 20, undefined],
    ['in threads', 200, inThreads],
  ])(
    'lose nothing and do nothing twice, %s, %i times',
    async (_, reloads, isolate) => {
      const settings = { reload: { watchMs: 0 } }
      const { roster, entry, call, bus, events } = await startRoster(settings, isolate)
      const over = new AbortController()
      const load = async (ask: (n: number) => Promise<unknown>): Promise<Work> => {
        const [asked, answered, failed]: [number[], number[], unknown[]] = [[], [], []]
        for (let n = 0; !over.signal.aborted; n++) {
          asked.push(n)
          await ask(n).then(
            () => answered.push(n),
            (error: unknown) => failed.push(error),
          )
          await pause(10)
        }
        return { asked, answered, failed }
      }
      await (
        await roster.put(entry('worker', worker('1.0.0')))
      ).settled
      await (
        await roster.put(entry('caller', caller))
      ).settled
      const works = Promise.all([
        load((n) => call('acme.worker', 'run', { n })),
        load((n) => call('acme.caller', 'run', { n })),
        load(async (n) => bus.emit('system.started', { pid: n, startupMs: 0 })),
      ])
      for (let n = 1; n <= reloads; n++) await roster.put(entry('worker', worker(`1.0.${n}`)))
      over.abort()
      const [actions, services, heard] = await works
      const did = (kind: string) =>
        events.flatMap(({ type, payload }) => {
          const { payload: what } = payload as EventMap['plugin.event']
          const { kind: found, n } = (type === 'plugin.event' ? what : {}) as { kind?: string; n?: number }
          return found === kind ? [n] : []
        })
      await expect.poll(() => did('event').length).toBeGreaterThanOrEqual(heard.asked.length)
      expect([...actions.failed, ...services.failed]).toEqual([])
      expect(actions.answered).toEqual(actions.asked)
      expect(did('action')).toEqual(actions.asked)
      expect(did('service')).toEqual(services.asked)
      expect(did('event')).toEqual(heard.asked)
      expect(roster.find('acme.worker')!.info().version).toBe(`1.0.${reloads}`)
    },
    120_000,
  )
})

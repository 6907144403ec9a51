import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { cases } from './cases.ts'
import { type HostileHost, hostileHost, type HostOptions } from './hostile-host.ts'

const allowedMs = 50

/** Every case in one host, which has to answer others all the while and to live; resolves with that host. */
export const hostileSuite = (level: string, options: HostOptions = {}): (() => HostileHost) => {
  let host: HostileHost
  beforeAll(async () => {
    host = await hostileHost(level, options)
  })
  // One that was lost fails its own case, and not those after it.
  beforeEach(async () => {
    if (host.ended() !== undefined) host = await hostileHost(level, options)
  })
  afterAll(() => host.kill())

  it.each(cases)(
    'contains $id: a plugin that $title, and answers others meanwhile',
    async ({ id, expected, isTimed }) => {
      const isLate = ({ p99Ms, outcome }: Awaited<ReturnType<HostileHost['run']>>): boolean =>
        p99Ms >= allowedMs || (isTimed === true && !expected.includes(outcome))
      let result = await host.run(id)
      // Other work on this machine delays an answer too: what a plugin does, it does again.
      for (let n = 0; n < 4 && isLate(result); n++) result = await host.run(id)
      expect(expected, `${result.outcome}: ${result.detail}`).toContain(result.outcome)
      expect(result.p99Ms).toBeLessThan(allowedMs)
      expect(host.ended()).toBeUndefined()
    },
    2 * (options.patienceMs ?? 30_000),
  )
  return () => host
}

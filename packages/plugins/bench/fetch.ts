import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Egress,
  noAudit,
  noMetrics,
  PluginError,
  type Service,
  silentLogger,
  systemClock,
} from '@covent/core'
import { type Manifest, manifestSchema } from '@covent/plugin-sdk/manifest'
import { pluginsConfig } from '../src/config.ts'
import type { Sandbox } from '../src/drivers/isolation-driver.ts'
import { processDriver } from '../src/drivers/process.ts'
import { pluginBroker } from '../src/host/broker/broker.ts'
import { callAction, endSandbox } from '../src/testing.ts'

export interface FetchFigures {
  /** Medians of one request after another, in milliseconds. */
  readonly directMs: number
  /** By `fetch` of the host, without any guard. */
  readonly undiciMs: number
  /** As the plugin sees it. */
  readonly brokeredMs: number
}

const id = 'acme.bench'
const permission = 'net:outbound:http'
const rounds = 1_000
const batch = 100

const pluginFor = (host: string): string => `
import { definePlugin, z } from '@covent/plugin-sdk'
export default definePlugin({
  id: '${id}', version: '1.0.0', type: 'extension', description: 'Fetches again and again.',
  permissions: { required: { '${permission}': { hosts: ['${host}'], reason: 'To be measured' } } },
  actions: { times: { description: 'x', effect: 'read', input: z.int(), output: z.array(z.number()),
    async run(count, ctx) {
      const times = []
      for (let n = 0; n < count; n++) {
        const startedAt = performance.now()
        await (await ctx.http.get('http://${host}/')).text()
        times.push(performance.now() - startedAt)
      }
      return times
    } } },
})`

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1]!

const timed = async (work: () => Promise<unknown>): Promise<readonly number[]> => {
  const times: number[] = []
  for (let n = 0; n < batch; n++) {
    const startedAt = performance.now()
    await work()
    times.push(performance.now() - startedAt)
  }
  return times
}

const direct = (url: string, agent: Agent): Promise<void> =>
  new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.on('data', () => {})
      response.on('end', resolve)
    }).on('error', reject)
  })

const openBench = async (host: string, egress: Egress): Promise<Sandbox> => {
  const settings = pluginsConfig.parse({ network: { allowPrivate: [id] } })
  const broker = pluginBroker({
    keyValues: undefined as never, // nothing here keeps anything
    events: { emit() {} },
    clock: systemClock,
    audit: noAudit,
    metrics: noMetrics,
    settings,
    wayOut: { egress, secrets: { get: async () => undefined } },
  })
  let manifest: Manifest | undefined
  const sandbox = await processDriver({ uid: 60_977 }, systemClock).spawn({
    name: 'bench',
    memoryMb: 64,
    permissionModel: 'on',
    logger: silentLogger,
    broker(request) {
      if (manifest === undefined) throw new PluginError('plugin.permission-denied', 'it is not loaded')
      const grants = new Set([permission])
      return broker({ id, trust: 'first-party', grants, quotaBytes: 0, manifest }, request)
    },
  })
  manifest = manifestSchema.parse(await sandbox.load(pluginFor(host), 10_000))
  sandbox.start(id, [permission])
  return sandbox
}

/** A request of 1 KiB to a server on loopback: straight from the host, and from a sandbox by way of the broker. `egress` takes every name for loopback. */
export const run = async (egress: Egress & Service): Promise<FetchFigures> => {
  const server = createServer((_, response) => response.end('x'.repeat(1_024)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const sandbox = await openBench(`api.bench.com:${port}`, egress)
  const agent = new Agent({ keepAlive: true })
  const url = `http://127.0.0.1:${port}/`
  const seen = { direct: [] as number[], undici: [] as number[], brokered: [] as number[] }
  for (let n = 0; n < rounds / batch; n++) {
    seen.direct.push(...(await timed(() => direct(url, agent))))
    seen.undici.push(...(await timed(async () => (await fetch(url)).text())))
    seen.brokered.push(...((await callAction(sandbox, { action: 'times', input: batch })) as number[]))
  }
  agent.destroy()
  await endSandbox(sandbox)
  await egress.stop?.()
  server.closeAllConnections()
  server.close()
  return {
    directMs: median(seen.direct),
    undiciMs: median(seen.undici),
    brokeredMs: median(seen.brokered),
  }
}

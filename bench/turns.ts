import { load, postRequest } from './support/load.ts'
import type { Row } from './support/row.ts'
import { type BenchServer, coventServer, program } from './support/servers.ts'

/** Messages into many conversations in turn, so that each stays about ten turns long. */
const conversations = 1600

const requestsFor = async (server: BenchServer): Promise<string[]> => {
  const authorization = { Authorization: `Bearer ${server.key}` }
  const post = async (): Promise<string> => {
    const headers = { 'content-type': 'application/json', authorization: authorization.Authorization }
    const response = await fetch(`${server.ready.url}/api/conversations`, {
      method: 'POST',
      headers,
      body: '{}',
    })
    return ((await response.json()) as { id: string }).id
  }
  const ids: string[] = []
  while (ids.length < conversations) ids.push(...(await Promise.all(Array.from({ length: 16 }, post))))
  return ids.map((id) =>
    postRequest(`/api/conversations/${id}/messages`, { text: 'How is the day today?' }, authorization),
  )
}

/** A chat turn against a model that answers at once, with persistence and authentication on. */
export const turns = async (): Promise<Row[]> => {
  const model = await program('fake-model.mjs')
  const server = await coventServer({
    COVENT_MODELS__DEFAULT: 'fake/fake',
    COVENT_MODELS__PROVIDERS__FAKE__KIND: 'openai-compatible',
    COVENT_MODELS__PROVIDERS__FAKE__BASE_URL: `http://127.0.0.1:${model.port}/v1`,
  })
  try {
    const requests = await requestsFor(server)
    const plan = { port: server.port, pid: server.ready.pid, requests }
    const sixteen = await load({ ...plan, connections: 16, seconds: 8, warmupSeconds: 3 })
    const one = await load({ ...plan, connections: 1, seconds: 5 })
    const rate = sixteen.requests / sixteen.seconds
    const rival = 'zero-latency model on loopback (its own call included)'
    return [
      {
        measure: 'chat turn, one connection',
        seen: `p50 ${one.p50Ms.toFixed(2)} ms, p99 ${one.p99Ms.toFixed(2)} ms`,
        rival,
        aim: 'p50 ≤ 1.5 ms',
        isMet: one.p50Ms <= 1.5,
      },
      {
        measure: 'chat turns, sixteen connections',
        seen: `${rate.toFixed(0)}/s, p50 ${sixteen.p50Ms.toFixed(1)} ms, ${sixteen.cpuUsPerRequest.toFixed(0)} µs CPU each`,
        rival,
        aim: '≥ 1,000/s',
        isMet: rate >= 1000,
      },
    ]
  } finally {
    model.stop()
    await server.remove()
  }
}

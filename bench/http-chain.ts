import { getRequest, load } from './support/load.ts'
import { median, type Row } from './support/row.ts'
import { coventServer, program } from './support/servers.ts'

const rounds = 3
/** Above what the load asks for: limited requests would be cheap ones. */
const ample = { COVENT_RATE_LIMIT__DEFAULT__LIMIT: '1000000000' }

/**
 * The whole chain (context, headers, host check, authentication, limits, roles, validation, request log, audit) on a cheap
 * authenticated route.
 * Both answer the same number of requests a second: a server that is driven to its limit keeps its client awake, and
 * saves the kernel's cost of waking it, which is a third of all here.
 */
export const httpChain = async (): Promise<Row[]> => {
  const bare = await program('bare-express.mjs')
  const server = await coventServer(ample)
  const ratios: number[] = []
  const seen: [number, number][] = []
  const plan = { connections: 16, seconds: 5, perSecond: 4000 }
  const ours = getRequest('/v1/models', { Authorization: `Bearer ${server.key}` })
  try {
    for (let round = 0; round < rounds; round++) {
      const rival = await load({
        ...plan,
        port: bare.port,
        pid: bare.pid,
        requests: Array(16).fill(getRequest('/hello')),
      })
      const covent = await load({
        ...plan,
        port: server.port,
        pid: server.ready.pid,
        requests: Array(16).fill(ours),
      })
      ratios.push(rival.cpuUsPerRequest / covent.cpuUsPerRequest)
      seen.push([covent.cpuUsPerRequest, rival.cpuUsPerRequest])
    }
    const { status } = await fetch(`${server.ready.url}/v1/models`, {
      headers: { Authorization: `Bearer ${server.key}` },
    })
    if (status !== 200) throw new Error(`the chain answers ${status} where it is measured`)
  } finally {
    bare.stop()
    await server.remove()
  }
  const ratio = median(ratios)
  const [covent, rival] = seen[ratios.indexOf(ratio)]!
  return [
    {
      measure: 'HTTP chain on an authenticated route (`GET /v1/models`), CPU per request at 4,000/s',
      seen: `${ratio.toFixed(2)} × bare (${covent.toFixed(0)} µs)`,
      rival: `bare Express 5 hello, ${rival.toFixed(0)} µs`,
      aim: '≥ 0.60 ×',
      isMet: ratio >= 0.6,
    },
  ]
}

/**
 * Sends requests over raw keep-alive sockets and prints `{ requests, seconds, p50Ms, p99Ms, failures }`. Its own work per
 * request is a write and a look at the status line, so that the server is the slower side.
 *
 * Input (JSON on stdin): { port, connections, seconds, warmupSeconds, requests: string[], perSecond? }; each connection
 * takes its own share of the requests, in turn. With `perSecond` requests are sent at that rate, else each as soon as the
 * one before is answered.
 */
import { connect } from 'node:net'
import { json } from 'node:stream/consumers'

interface Load {
  readonly port: number
  readonly connections: number
  readonly seconds: number
  readonly warmupSeconds: number
  readonly requests: readonly string[]
  readonly perSecond?: number
}

const load = (await json(process.stdin)) as Load
const latencies: number[] = []
let failures = 0
const begin = performance.now() + load.warmupSeconds * 1000
const end = begin + load.seconds * 1000

/** Whether `text` holds a whole answer, by its Content-Length. */
const isWhole = (text: string): boolean => {
  const head = text.indexOf('\r\n\r\n')
  if (head === -1) return false
  const length = /content-length: (\d+)/i.exec(text)
  if (length === null) throw new Error(`an answer without Content-Length: ${text.slice(0, 300)}`)
  return text.length >= head + 4 + Number(length[1])
}

const drive = (index: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const mine = load.requests
      .filter((_, n) => n % load.connections === index)
      .map((text) => Buffer.from(text))
    const socket = connect(load.port, '127.0.0.1')
    let sentAt = 0
    let turn = 0
    let answer = ''
    let dueAt = performance.now()
    const sendWhenDue = (): void => {
      if (load.perSecond === undefined) return send()
      dueAt += (1000 * load.connections) / load.perSecond
      const wait = dueAt - performance.now()
      if (wait <= 0) send()
      else setTimeout(send, wait)
    }
    const send = (): void => {
      sentAt = performance.now()
      if (sentAt >= end) return void socket.end()
      socket.write(mine[turn++ % mine.length]!)
    }
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('connect', send)
    socket.on('data', (chunk: string) => {
      answer += chunk
      if (!isWhole(answer)) return
      if (!answer.startsWith('HTTP/1.1 20')) {
        failures += 1
        if (failures === 1) console.error(answer)
      }
      answer = ''
      const now = performance.now()
      if (sentAt >= begin) latencies.push(now - sentAt)
      sendWhenDue()
    })
    socket.on('close', () => resolve())
    socket.on('error', reject)
  })

await Promise.all(Array.from({ length: load.connections }, (_, index) => drive(index)))
const sorted = latencies.toSorted((a, b) => a - b)
const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
console.log(
  JSON.stringify({
    requests: sorted.length,
    seconds: load.seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    failures,
  }),
)

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'

/** A network between a client and a server, which can be made bad. */
export interface FaultProxy {
  readonly port: number
  /** From now on bytes vanish: of both directions, or only of those `up` to the server or `down` to the client. */
  blackhole(direction?: 'both' | 'up' | 'down'): void
  /** From now on every piece is late. */
  delay(ms: number): void
  /** Resets each connection as soon as so many bytes more have come down it from the server. */
  cutAfter(bytes: number): void
  /** Resets every connection, and refuses new ones until it is healed. */
  partition(): void
  /** Resets every connection; new ones are taken. */
  reset(): void
  /** As at the beginning. What was swallowed is lost, so connections that swallowed something are reset. */
  heal(): void
  readonly connections: number
  /** Connections of which something vanished. */
  readonly swallowed: number
  stop(): Promise<void>
}

interface Faults {
  readonly up: 'pass' | 'swallow'
  readonly down: 'pass' | 'swallow'
  readonly delayMs: number
  readonly cutBytes: number
  readonly isPartitioned: boolean
}

const none: Faults = { up: 'pass', down: 'pass', delayMs: 0, cutBytes: Infinity, isPartitioned: false }

interface Pair {
  readonly client: Socket
  readonly server: Socket
  hasSwallowed: boolean
}

/** libuv refuses to reset what is being shut down, and Node then never closes it: a thread with one cannot end. */
const resetSocket = (socket: Socket): unknown =>
  socket.writableEnded ? socket.destroy() : socket.resetAndDestroy()

const reset = ({ client, server }: Pair): void => {
  for (const socket of [client, server]) resetSocket(socket)
}

/** Forwards the bytes of one direction as the faults of the moment let it. */
const lane = (pair: Pair, direction: 'up' | 'down', faults: () => Faults): Transform =>
  new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const now = faults()
      if (now[direction] === 'swallow') {
        pair.hasSwallowed = true
        return done()
      }
      if (direction === 'down' && chunk.length > now.cutBytes) {
        this.push(chunk.subarray(0, now.cutBytes))
        setImmediate(() => reset(pair))
        return done()
      }
      if (now.delayMs === 0) return done(null, chunk)
      setTimeout(() => done(null, chunk), now.delayMs)
    },
  })

/** Stands before the server on that port of this machine. */
export const faultProxy = async (target: number): Promise<FaultProxy> => {
  const pairs = new Set<Pair>()
  let faults = none
  const server = createServer({ allowHalfOpen: false }, (client) => {
    if (faults.isPartitioned) {
      resetSocket(client)
      return
    }
    const pair: Pair = { client, server: connect(target, '127.0.0.1'), hasSwallowed: false }
    pairs.add(pair)
    for (const socket of [pair.client, pair.server])
      socket
        .on('error', () => reset(pair))
        .on('close', () => {
          pairs.delete(pair)
          reset(pair)
        })
    const now = (): Faults => faults
    pair.client.pipe(lane(pair, 'up', now)).pipe(pair.server)
    pair.server.pipe(lane(pair, 'down', now)).pipe(pair.client)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const set = (change: Partial<Faults>): void => void (faults = { ...faults, ...change })
  const resetAll = (of: (pair: Pair) => boolean = () => true): void => [...pairs].filter(of).forEach(reset)
  return {
    port: (server.address() as AddressInfo).port,
    blackhole: (direction = 'both') =>
      set({
        up: direction === 'down' ? 'pass' : 'swallow',
        down: direction === 'up' ? 'pass' : 'swallow',
      }),
    delay: (delayMs) => set({ delayMs }),
    cutAfter: (cutBytes) => set({ cutBytes }),
    partition() {
      set({ isPartitioned: true })
      resetAll()
    },
    reset: resetAll,
    heal() {
      faults = none
      resetAll(({ hasSwallowed }) => hasSwallowed)
    },
    get swallowed() {
      return [...pairs].filter(({ hasSwallowed }) => hasSwallowed).length
    },
    get connections() {
      return pairs.size
    },
    async stop() {
      resetAll()
      server.close()
      await once(server, 'close')
    },
  }
}

import { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { MessagePort } from 'node:worker_threads'
import { places } from '../channel/ends/places.ts'
import { portStream } from '../channel/ends/port-stream.ts'

/** Where this copy of the guest runs. */
export interface Place {
  /** Sets what it defines globally apart from other guests of the same process. */
  readonly name: string
  /** True where nothing else runs here, so that it may restrict all of it. */
  readonly isAlone: boolean
  /** Names of what is in its environment though nobody meant it for the plugin. */
  readonly clutter: readonly string[]
  /** Opens the channel, once; `take` has done with a chunk when it returns. */
  open(take: (chunk: Buffer) => void): Duplex
  /** Ends the guest. */
  leave(): void
}

/** A large message arrives in one piece, and none takes memory of its own. */
const readBytes = 131_072

const descriptor = (take: (chunk: Buffer) => void): Duplex => {
  const buffer = Buffer.allocUnsafeSlow(readBytes)
  const callback = (length: number): boolean => {
    take(buffer.subarray(0, length))
    return true
  }
  return new Socket({ fd: 3, onread: { buffer, callback } })
}

const stream =
  (channel: Duplex): Place['open'] =>
  (take) =>
    channel.on('data', take)

/** What bubblewrap sets; nothing else is there. */
const setByBubblewrap = ['LD_LIBRARY_PATH', 'PWD']

const aProcess = (): Place => ({
  name: '',
  isAlone: true,
  clutter: setByBubblewrap,
  open: descriptor,
  leave: () => process.exit(0),
})

const aThread = (): Place | undefined => {
  const { isMainThread, workerData } = process.getBuiltinModule('node:worker_threads')
  const port = (workerData as { readonly coventPort?: MessagePort } | null)?.coventPort
  if (isMainThread || port === undefined) return undefined
  return {
    name: '',
    isAlone: true,
    clutter: [],
    open: stream(portStream(port)),
    leave: () => process.exit(0),
  }
}

/** Its standard streams are the channel, so that what the plugin prints goes where errors go. */
const aContainer = (): Place | undefined => {
  if (process.argv[2] !== 'standard-streams') return undefined
  Object.defineProperty(process, 'stdout', { get: () => process.stderr })
  const ends = {
    readable: new Socket({ fd: 0, writable: false }),
    writable: new Socket({ fd: 1, readable: false }),
  }
  const channel = Duplex.from(ends as never) // its types know such a pair of web streams only
  const clutter = Object.keys(process.env) // of the engine
  return { name: '', isAlone: true, clutter, open: stream(channel), leave: () => process.exit(0) }
}

const findPlace = (): Place => {
  const given = places().shift()
  if (given === undefined) return aThread() ?? aContainer() ?? aProcess()
  return { ...given, isAlone: false, clutter: [], open: stream(given.channel) }
}

export const place: Place = findPlace()

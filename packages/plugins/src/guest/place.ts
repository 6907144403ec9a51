import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { MessagePort } from 'node:worker_threads'
import { places } from '../channel/ends/places.ts'
import { portStream } from '../channel/ends/port-stream.ts'

/** Where this copy of the guest runs. */
export interface Place {
  /** Sets what it defines globally apart from other guests of the same process. */
  readonly name: string
  /** True where nothing else runs here, so that it may restrict all of it. */
  readonly isAlone: boolean
  readonly channel: Duplex
  /** Ends the guest. */
  leave(): void
}

const aProcess = (): Place => ({
  name: '',
  isAlone: true,
  channel: new Socket({ fd: 3 }),
  leave: () => process.exit(0),
})

const aThread = (): Place | undefined => {
  const { isMainThread, workerData } = process.getBuiltinModule('node:worker_threads')
  const port = (workerData as { readonly coventPort?: MessagePort } | null)?.coventPort
  if (isMainThread || port === undefined) return undefined
  return { name: '', isAlone: true, channel: portStream(port), leave: () => process.exit(0) }
}

const findPlace = (): Place => {
  const given = places().shift()
  return given === undefined ? (aThread() ?? aProcess()) : { ...given, isAlone: false }
}

export const place: Place = findPlace()

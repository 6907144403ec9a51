interface Delta {
  readonly kind: 'delta'
  readonly text: string
}

type Entry<E> = { readonly event: E } | { readonly pieces: string[] }

/**
 * The events of one turn for any number of readers, each of which gets all of them from the beginning. A push never
 * waits: what a late or slow reader has missed of the text comes to it as one delta, so the buffer holds the reply's
 * text once and its few other events, and goes with its last holder.
 */
export interface TurnStream<E extends { readonly kind: string }> {
  push(event: E | Delta): void
  /** Nothing comes after this; readers end once they have all. */
  close(): void
  /** From the beginning, or from that place on. */
  read(from?: StreamPlace): StreamReader<E | Delta>
  /** Behind all that was pushed. */
  readonly end: StreamPlace
}

/** Behind how many entries, and behind how many characters of the next one, if that is text; the same for all readers. */
export interface StreamPlace {
  readonly entry: number
  readonly characters: number
}

export interface StreamReader<E> extends AsyncIterableIterator<E> {
  /** Behind what was read last. */
  readonly place: StreamPlace
}

interface Reader {
  wake(): void
}

export const turnStream = <E extends { readonly kind: string }>(): TurnStream<E> => {
  const entries: Entry<E>[] = []
  const readers = new Set<Reader>()
  const state = { closed: false }

  const append = (event: E | Delta): void => {
    if (!isDelta(event)) return void entries.push({ event })
    const last = entries.at(-1)
    if (last !== undefined && 'pieces' in last) last.pieces.push(event.text)
    else entries.push({ pieces: [event.text] })
  }
  const wakeAll = (): void => {
    for (const reader of readers) reader.wake()
  }
  return {
    push(event) {
      if (state.closed) return
      append(event)
      if (readers.size > 0) wakeAll()
    },
    close() {
      state.closed = true
      wakeAll()
    },
    get end() {
      const last = entries.at(-1)
      if (last === undefined || 'event' in last) return { entry: entries.length, characters: 0 }
      return { entry: entries.length - 1, characters: lengthOf(last.pieces) }
    },
    read: (from = start) => reader({ entries, readers, isClosed: () => state.closed }, from),
  }
}

const start: StreamPlace = { entry: 0, characters: 0 }

const isDelta = (event: { readonly kind: string }): event is Delta => event.kind === 'delta'

interface Cursor<E> {
  next(): E | Delta | undefined
  readonly place: StreamPlace
}

const lengthOf = (pieces: readonly string[]): number => pieces.reduce((sum, piece) => sum + piece.length, 0)

/** Walks the entries; within one of text it remembers how many pieces it has given. */
const cursor = <E>(entries: readonly Entry<E>[], from: StreamPlace): Cursor<E> => {
  let at = from.entry
  let given = 0
  let { characters } = from
  /** Of the entry in which it begins, what stands there already. */
  const skip = characters
  const textOf = (pieces: readonly string[]): string => {
    if (given === pieces.length - 1 && given > 0) return pieces[given]!
    const text = pieces.slice(given).join('')
    return given === 0 && at === from.entry ? text.slice(skip) : text
  }
  return {
    get place() {
      return { entry: at, characters }
    },
    next() {
      for (;;) {
        const entry = entries[at]
        if (entry === undefined) return undefined
        if ('event' in entry) {
          at++
          characters = 0
          return entry.event
        }
        if (given < entry.pieces.length) {
          const text = textOf(entry.pieces)
          given = entry.pieces.length
          characters += text.length
          if (text === '') continue
          return { kind: 'delta', text }
        }
        if (at === entries.length - 1) return undefined
        at++
        given = 0
        characters = 0
      }
    },
  }
}

interface Source<E> {
  readonly entries: readonly Entry<E>[]
  readonly readers: Set<Reader>
  isClosed(): boolean
}

const reader = <E>(source: Source<E>, from: StreamPlace): StreamReader<E | Delta> => {
  type Result = IteratorResult<E | Delta, undefined>
  const position = cursor(source.entries, from)
  const pending: ((result: Result) => void)[] = []
  let ended = false

  const end = (): void => {
    ended = true
    source.readers.delete(self)
    for (const resolve of pending.splice(0)) resolve({ value: undefined, done: true })
  }
  const take = (): Result | undefined => {
    if (ended) return { value: undefined, done: true }
    const value = position.next()
    if (value !== undefined) return { value, done: false }
    if (!source.isClosed()) return undefined
    end()
    return { value: undefined, done: true }
  }
  const self: Reader = {
    wake() {
      while (pending.length > 0) {
        const result = take()
        if (result === undefined) return
        pending.shift()?.(result)
      }
      if (source.isClosed()) source.readers.delete(self)
    },
  }
  if (!source.isClosed()) source.readers.add(self)
  return {
    get place() {
      return position.place
    },
    [Symbol.asyncIterator]() {
      return this
    },
    next() {
      const result = pending.length === 0 ? take() : undefined
      return result === undefined ? new Promise((resolve) => pending.push(resolve)) : Promise.resolve(result)
    },
    return() {
      end()
      return Promise.resolve({ value: undefined, done: true })
    },
  }
}

import type { ReadOptions } from '@covent/core'

type Listen<P> = (handler: (payload: P) => void) => Disposable
type Ending = { readonly error?: Error }

interface Reader<P> {
  readonly resolve: (result: IteratorResult<P>) => void
  readonly reject: (error: Error) => void
}

/** An async iterator over what `listen` brings; a driver's `events()`. See `EventBus.events` for how it ends. */
export const eventReader = <P>(listen: Listen<P>, options: ReadOptions = {}): AsyncIterableIterator<P> => {
  const { signal, capacity = 1024 } = options
  const buffer: P[] = []
  const readers: Reader<P>[] = []
  let ending: Ending | undefined

  const end = (how: Ending): void => {
    if (ending !== undefined) return
    ending = how
    subscription?.[Symbol.dispose]()
    signal?.removeEventListener('abort', stop)
    for (const reader of readers.splice(0)) reader.resolve({ done: true, value: undefined })
  }
  const stop = (): void => {
    buffer.length = 0
    end({})
  }
  const take = (payload: P): void => {
    const reader = readers.shift()
    if (reader !== undefined) return reader.resolve({ done: false, value: payload })
    if (buffer.length >= capacity) return end({ error: overflow(capacity) })
    buffer.push(payload)
  }

  const subscription = signal?.aborted ? undefined : listen(take)
  if (subscription === undefined) ending = {}
  else signal?.addEventListener('abort', stop, { once: true })

  const next = (): Promise<IteratorResult<P>> => {
    if (buffer.length > 0) return Promise.resolve({ done: false, value: buffer.shift()! })
    if (ending === undefined) return new Promise((resolve, reject) => readers.push({ resolve, reject }))
    const { error } = ending
    ending = {}
    return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error)
  }
  const iterator: AsyncIterableIterator<P> = {
    next,
    return() {
      stop()
      ending = {}
      return Promise.resolve({ done: true, value: undefined })
    },
    [Symbol.asyncIterator]: () => iterator,
  }
  return iterator
}

const overflow = (capacity: number): Error =>
  new DOMException(
    `the reader fell behind by more than ${capacity} events; read faster, or give events() a larger capacity`,
    'OverflowError',
  )

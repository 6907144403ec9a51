import { descriptor, type Descriptor } from './descriptor.ts'

export interface LineWriter {
  /** Takes a line; it is written within some milliseconds, in order, without blocking. */
  write(line: string): void
  /** Resolves once all that was taken before is written. */
  flush(): Promise<void>
  /** As `flush`, for at most two seconds; what comes later is written as the process exits. */
  stop(): Promise<void>
}

export interface LineWriterOptions {
  readonly fd: number
  readonly flushMs?: number
  /** Beyond this many characters that the reader has not taken (8 Mi), lines are dropped and counted. */
  readonly capacity?: number
  /** The line that tells of dropped ones. */
  readonly dropNotice: (count: number) => string
}

const chunkLength = 64 * 1024
const longestStopMs = 2000

/** Writes lines to a file descriptor in batches; what is left at the end of the process is written as it exits. */
export const lineWriter = (options: LineWriterOptions): LineWriter => {
  const { fd, flushMs = 10, capacity = 8 * 1024 * 1024, dropNotice } = options
  let pending = ''
  let dropped = 0
  let isBusy = false
  let isBroken = false
  let timer: NodeJS.Timeout | undefined
  let waiting: (() => void)[] = []
  let target: Descriptor | undefined

  const open = (): Descriptor => (target ??= descriptor(fd))
  const take = (): Buffer => {
    const bytes = Buffer.from(dropped > 0 ? pending + dropNotice(dropped) : pending)
    pending = ''
    dropped = 0
    return bytes
  }
  const writeBatch = async (): Promise<void> => {
    const waiters = waiting
    waiting = []
    const bytes = take()
    const outcome = await open().write(bytes)
    if (outcome === 'lost') dropped += linesIn(bytes)
    if (outcome === 'broken') isBroken = true
    for (const resolve of waiters) resolve()
  }
  const hasWork = (): boolean => pending !== '' || waiting.length > 0
  const pump = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    if (isBusy) return
    isBusy = true
    while (hasWork()) await writeBatch()
    isBusy = false
  }
  const onExit = exitHook(() => open().end(take()))
  const flush = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve)
      void pump()
    })
  return {
    write(line) {
      if (isBroken) return
      if (pending.length > capacity) dropped++
      else pending += line
      onExit.add()
      if (isBusy) return
      if (pending.length > chunkLength) void pump()
      else timer ??= setTimeout(pump, flushMs).unref()
    },
    flush,
    async stop() {
      await within(longestStopMs, flush())
      open().release()
      if (!isBusy && !hasWork()) onExit.remove()
    },
  }
}

const exitHook = (onExit: () => void): { add(): void; remove(): void } => {
  let isAdded = false
  return {
    add() {
      if (!isAdded) process.on('exit', onExit)
      isAdded = true
    },
    remove() {
      process.off('exit', onExit)
      isAdded = false
    },
  }
}

const within = async (ms: number, work: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))
  await Promise.race([work, over])
  clearTimeout(timer)
}

const newline = 10
const linesIn = (bytes: Buffer): number =>
  bytes.reduce((count, byte) => (byte === newline ? count + 1 : count), 0)

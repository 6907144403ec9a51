import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { lineWriter } from '../src/line-writer.ts'

const fifo = (): { writer: number; reader: number } => {
  const path = join(temporaryFolder(), 'fifo')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return { reader, writer: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) }
}

const readAll = (fd: number): string => {
  const bytes = Buffer.alloc(1024 * 1024)
  try {
    return bytes.toString('utf8', 0, readSync(fd, bytes))
  } catch {
    return '' // nothing there at the moment
  }
}

describe('a reader that is slow', () => {
  it('makes the writer drop lines beyond its capacity and say how many', async () => {
    const { reader, writer } = fifo()
    const options = { fd: writer, capacity: 100_000, dropNotice: (count: number) => `dropped ${count}\n` }
    const lines = lineWriter(options)
    const line = `${'x'.repeat(999)}\n`
    for (let n = 0; n < 1000; n++) lines.write(line)
    let text = ''
    const flushed = lines.flush().then(() => 'flushed')
    while ((await Promise.race([flushed, new Promise((resolve) => setTimeout(resolve, 1))])) !== 'flushed')
      text += readAll(reader)
    text += readAll(reader)
    const kept = text.split('\n').filter((each) => each.startsWith('x')).length
    expect(kept).toBeLessThan(400)
    expect(text).toContain(`dropped ${1000 - kept}\n`)
    closeSync(reader)
    lines.write(line)
    await lines.stop()
    closeSync(writer)
  })

  it('does not keep stop from ending', async () => {
    const { writer } = fifo()
    const lines = lineWriter({ fd: writer, dropNotice: String })
    lines.write('x'.repeat(1_000_000))
    const startedAt = performance.now()
    await lines.stop()
    expect(performance.now() - startedAt).toBeLessThan(4000)
  })
})

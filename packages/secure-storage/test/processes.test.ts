import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { encryptedFileStorage, homeKeys, keysOfFile } from '@covent/secure-storage'
import { temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'

const start = (home: string, name: string) => {
  const words = ['--conditions=@covent/source', join(import.meta.dirname, 'rotating.ts'), home, name]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const seen = { writes: -1 }
  createInterface({ input: child.stdout }).on(
    'line',
    (line) => line !== 'begun' && (seen.writes = Number(line)),
  )
  return { child, seen }
}
const hasWritten = async (seen: { readonly writes: number }, count: number): Promise<void> => {
  while (seen.writes < count) await new Promise((resolve) => setTimeout(resolve, 5))
}
const kill = async (child: ChildProcess): Promise<void> => {
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
const reopened = async (home: string) => {
  const keys = homeKeys({ file: join(home, 'keys', 'master.key'), keysInUse: () => keysOfFile(home) })
  await keys.start!()
  return encryptedFileStorage({ home, ring: keys })
}

it('is readable, with the last value that was told, whenever a rotation is killed', async () => {
  const home = temporaryFolder()
  await (await reopened(home)).set('KEPT', 'over all kills')
  for (let round = 0; round < 6; round++) {
    const { child, seen } = start(home, 'ROTATOR')
    await hasWritten(seen, round)
    await new Promise((resolve) => setTimeout(resolve, round * 7))
    await kill(child)
    const storage = await reopened(home)
    expect(await storage.get('KEPT')).toBe('over all kills')
    const last = Number(/\d+$/.exec((await storage.get('ROTATOR'))!)![0])
    expect(last).toBeGreaterThanOrEqual(seen.writes)
  }
}, 40_000)

it('loses nothing that two processes write to one home', async () => {
  const home = temporaryFolder()
  await (await reopened(home)).set('KEPT', 'x')
  const writers = ['FIRST', 'SECOND'].map((name) => ({ name, ...start(home, name) }))
  await Promise.all(writers.map(({ seen }) => hasWritten(seen, 12)))
  await Promise.all(writers.map(({ child }) => kill(child)))
  const storage = await reopened(home)
  for (const { name, seen } of writers) {
    const last = Number(/\d+$/.exec((await storage.get(name))!)![0])
    expect(last).toBeGreaterThanOrEqual(seen.writes)
  }
  const written = (await storage.list()).filter(({ name }) => name !== 'KEPT')
  for (const { version } of written) expect(version).toBeGreaterThan(12)
}, 40_000)

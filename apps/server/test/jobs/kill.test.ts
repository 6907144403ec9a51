import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { sqliteDatabase } from '@covent/database'
import { temporaryFolder } from '@covent/testing'
import { expect, it, onTestFinished } from 'vitest'
import { jobsOn, numbers } from './open.ts'

interface Worker {
  readonly process: ChildProcess
  readonly lines: string[]
  next(): Promise<unknown>
}

const worker = (...args: readonly string[]): Worker => {
  const program = join(import.meta.dirname, 'programs', 'work.ts')
  const flags = ['--conditions=@covent/source', '--disable-warning=ExperimentalWarning']
  const child = spawn(process.execPath, [...flags, program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line))
  return { process: child, lines, next: () => once(reader, 'line') }
}

const open = async () => {
  const path = join(temporaryFolder(), 'covent.db')
  const database = sqliteDatabase({ path })
  await database.start()
  onTestFinished(() => database.stop())
  const jobs = jobsOn(database)
  const queue = numbers(async () => {}, { attempts: 100 })
  const effects = async (): Promise<number[]> =>
    (await jobs.list({ limit: 1000, queue: 'effects' })).items.map(
      ({ payload }) => (payload as { n: number }).n,
    )
  return { path, jobs, queue, effects }
}

it('neither loses nor doubles the result of a job, wherever its process is killed', async () => {
  const { path, jobs, queue, effects } = await open()
  const all = Array.from({ length: 60 }, (_, n) => n)
  for (const n of all) await jobs.enqueue(queue, { n })
  let kills = 0
  while ((await jobs.list({ limit: 1, queue: 'numbers', state: 'waiting' })).items.length > 0 && kills < 4) {
    const one = worker(path)
    await one.next()
    await sleep(Math.random() * 60)
    one.process.kill('SIGKILL')
    await once(one.process, 'close')
    kills++
  }
  expect(kills).toBeGreaterThan(1)
  worker(path)
  await expect
    .poll(async () => (await jobs.stats()).find((s) => s.queue === 'numbers')?.counts.completed, {
      timeout: 30_000,
    })
    .toBe(60)
  expect((await effects()).toSorted((a, b) => a - b)).toEqual(all)
  const { items } = await jobs.list({ limit: 200, queue: 'numbers' })
  expect(items.some(({ history }) => history.some(({ outcome }) => outcome === 'lost'))).toBe(true)
})

it('refuses what a process still writes that was stopped for longer than its lease', async () => {
  const { path, jobs, queue, effects } = await open()
  const id = await jobs.enqueue(queue, { n: 1 })
  const stopped = worker(path, 'hold')
  await stopped.next()
  worker(path)
  await expect.poll(async () => (await jobs.find(id))?.state, { timeout: 20_000 }).toBe('completed')
  const answer = stopped.next()
  stopped.process.kill('SIGCONT')
  await answer
  expect(stopped.lines).toEqual(['1 1', 'database.conflict'])
  expect(await effects()).toEqual([1])
  expect((await jobs.find(id))?.history.map(({ outcome }) => outcome)).toEqual(['lost', 'completed'])
})

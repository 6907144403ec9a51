import { statSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { homeLock } from '../src/index.ts'
import { commandLine, runProgram } from './programs/program.ts'

const lockPath = (): string => join(temporaryFolder(), 'run', 'lock.db')

it('refuses a second process, naming the pid of the first, until that is killed', async () => {
  const path = lockPath()
  const holder = runProgram(commandLine('hold-lock', path))
  expect(await holder.firstLine).toBe(`held by ${holder.process.pid}`)
  const lock = homeLock(path)
  const refusal = { code: 'config.home-in-use', data: { pid: holder.process.pid } }
  expect(() => lock.acquire()).toThrow(expect.objectContaining(refusal))
  expect(() => lock.acquire()).toThrow(`pid ${holder.process.pid}`)
  holder.process.kill('SIGKILL')
  await holder.ended
  lock.acquire()
  lock.release()
})

it('lets exactly one of several that start at once have it', async () => {
  const path = lockPath()
  const programs = Array.from({ length: 4 }, () => runProgram(commandLine('hold-lock', path)))
  const said = await Promise.all(programs.map(({ firstLine }) => firstLine))
  const held = said.filter((line) => line.startsWith('held by'))
  expect(held).toHaveLength(1)
  const pid = held[0]!.replace('held by ', '')
  expect(said.filter((line) => line.includes(`pid ${pid}`))).toHaveLength(3)
})

it('is refused within one process too, and free again once released', () => {
  const path = lockPath()
  const [first, second] = [homeLock(path), homeLock(path)]
  first.acquire()
  first.acquire()
  expect(() => second.acquire()).toThrow(expect.objectContaining({ code: 'config.home-in-use' }))
  first.release()
  second.acquire()
  second.release()
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

it('says that a place which cannot hold it is unusable', () => {
  const path = join('/dev/null', 'lock.db')
  expect(() => homeLock(path).acquire()).toThrow(expect.objectContaining({ code: 'config.home-unusable' }))
})

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { serverProcess, temporaryFolder } from '@covent/testing'
import { expect, it, onTestFinished } from 'vitest'
import { covent } from './support/command.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

it('starts the server that the other commands find, closed to the inspector’s signal, and stops it cleanly', async () => {
  const home = temporaryFolder()
  const command = [process.execPath, '--conditions=@covent/source', main, 'start'] as const
  const server = await serverProcess({ command, home })
  onTestFinished(() => server.kill())
  expect(readFileSync(`/proc/${server.ready.pid}/cmdline`, 'utf8')).toContain('--disable-sigusr1')
  expect((await covent(home, ['chat', '--once', 'Hello'])).code).toBe(0)
  expect(await server.stop()).toBe(0)
})

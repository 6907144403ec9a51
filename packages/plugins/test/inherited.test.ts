import { spawnSync } from 'node:child_process'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith, temporaryFolder } from '@covent/testing'
import { describe, expect, it, onTestFinished } from 'vitest'

const canary = (): number => {
  const path = join(temporaryFolder(), 'canary')
  writeFileSync(path, 'the secret of whoever started the server')
  const descriptor = openSync(path, 'r')
  onTestFinished(() => closeSync(descriptor))
  return descriptor
}

/** What a plugin reads from descriptors, in a host that was started with a file open at 40 and one at 251. */
const found = (driver: string): string => {
  const stdio = Array.from({ length: 252 }, (_, n) => (n === 40 || n === 251 ? canary() : 'ignore'))
  const script = new URL('inheriting-host.ts', import.meta.url).pathname
  const args = ['--conditions=@covent/source', script, driver]
  const { stdout } = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit', ...stdio.slice(3)],
    encoding: 'utf8',
  })
  return stdout
}

describeWith('bubblewrap', 'the process sandbox', () => {
  it('closes to plugins what the server inherited', () => {
    expect(found('process')).toBe('found: ""\n')
  })
})

describe.runIf(process.platform === 'linux')('the weak sandbox', () => {
  it('closes to plugins what the server inherited', () => {
    expect(found('weak')).toBe('found: ""\n')
  })
})

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../packages/testing/src/index.ts'
import { describe, expect, it } from 'vitest'
import { root } from './support/tarballs.ts'

/** A checkout whose package manager is a program of ours that notes that it ran, so that nothing is downloaded. */
const checkout = (task: string): { folder: string; env: NodeJS.ProcessEnv; installs(): number } => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'scripts'))
  mkdirSync(join(folder, 'bin'))
  copyFileSync(join(root, 'scripts', 'run.mjs'), join(folder, 'scripts', 'run.mjs'))
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ packageManager: 'pnpm@0.0.0', type: 'module' }),
  )
  writeFileSync(join(folder, 'pnpm-workspace.yaml'), '')
  writeFileSync(join(folder, 'pnpm-lock.yaml'), '')
  mkdirSync(join(folder, 'apps', 'server', 'src'), { recursive: true })
  mkdirSync(join(folder, 'apps', 'cli', 'src'), { recursive: true })
  writeFileSync(join(folder, 'apps', 'server', 'src', 'main.ts'), task)
  writeFileSync(join(folder, 'apps', 'cli', 'src', 'main.ts'), task)
  const npx = join(folder, 'bin', 'npx')
  writeFileSync(npx, `#!/bin/sh\necho install >> "${folder}/installs"\nsleep 0.3\nmkdir -p node_modules\n`, {
    mode: 0o755,
  })
  const installs = (): number =>
    existsSync(join(folder, 'installs'))
      ? readFileSync(join(folder, 'installs'), 'utf8').split('\n').length - 1
      : 0
  return {
    folder,
    env: { ...process.env, CI: 'true', PATH: `${join(folder, 'bin')}:${process.env['PATH']}` },
    installs,
  }
}

const start = (at: ReturnType<typeof checkout>, ...words: string[]): ReturnType<typeof spawn> =>
  spawn(process.execPath, [join(at.folder, 'scripts', 'run.mjs'), ...words], {
    env: at.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })

const exit = async (child: ReturnType<typeof spawn>): Promise<[number | null, NodeJS.Signals | null]> =>
  (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]

describe('the script behind the root commands', () => {
  it('installs once, and two first runs at once do not break each other', async () => {
    const at = checkout('console.log("ran")')
    const codes = await Promise.all([1, 2, 3].map(() => exit(start(at, 'start'))))
    expect(codes).toEqual([
      [0, null],
      [0, null],
      [0, null],
    ])
    expect(at.installs()).toBe(1)
    expect(readdirSync(at.folder).filter((name) => name.startsWith('.covent'))).toEqual([])
  })

  it('installs again when the lock file has changed', async () => {
    const at = checkout('')
    await exit(start(at, 'start'))
    writeFileSync(join(at.folder, 'pnpm-lock.yaml'), 'changed: true\n')
    await exit(start(at, 'start'))
    expect(at.installs()).toBe(2)
  })

  it('takes over the lock of a run that was killed', async () => {
    const at = checkout('')
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    writeFileSync(join(at.folder, '.covent-setup.lock'), String(dead))
    expect(await exit(start(at, 'start'))).toEqual([0, null])
    expect(at.installs()).toBe(1)
  })

  it('hands on arguments byte for byte, without a shell', async () => {
    const at = checkout('console.log(JSON.stringify(process.argv.slice(2)))')
    const words = ['--once', 'It costs `id` $HOME "quoted" \\ & ; ünïcode\n*']
    const child = start(at, 'covent', ...words)
    const out = await new Response(child.stdout as never).text()
    expect(JSON.parse(out)).toEqual(words)
  })

  it('ends with the exit code of the task', async () => {
    expect(await exit(start(checkout('process.exit(7)'), 'start'))).toEqual([7, null])
  })

  it('ends with the signal that ended the task', async () => {
    expect(await exit(start(checkout('process.kill(process.pid, "SIGKILL")'), 'start'))).toEqual([
      null,
      'SIGKILL',
    ])
  })

  it('hands signals on and waits for the task to end', async () => {
    const at = checkout(
      'process.on("SIGTERM", () => setTimeout(() => process.exit(3), 200)); setInterval(() => {}, 1e3); console.log("up")',
    )
    const child = start(at, 'start')
    await once(child.stdout!, 'data')
    child.kill('SIGTERM')
    expect(await exit(child)).toEqual([3, null])
  })

  it('names the tasks when there is none of that name', async () => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts', 'run.mjs'), 'nonsense'], {
      encoding: 'utf8',
    })
    expect(status).toBe(2)
    expect(stderr).toContain('start')
  })
})

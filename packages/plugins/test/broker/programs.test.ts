import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLogger, systemClock } from '@covent/core'
import { describeWith, temporaryFolder } from '@covent/testing'
import { expect, it, onTestFinished } from 'vitest'
import { pluginsConfig } from '../../src/config.ts'
import { fileStores } from '../../src/host/broker/files/file-stores.ts'
import { runProgram } from '../../src/host/broker/programs/run-program.ts'
import { type Asking, askBroker, type AskOptions } from './ask-broker.ts'

const nobody = process.getuid?.() === 0 ? { uid: 60_977, gid: 60_977 } : undefined

interface Lent extends Asking {
  readonly workspace: string
  /** Runs what the shell is told, as an argument of its own, and returns what it said. */
  shell(
    script: string,
    options?: object,
  ): Promise<{ readonly code: number; readonly out: string; readonly err: string }>
}

interface LendOptions extends AskOptions {
  /** Where programs of the system are. */
  readonly find?: (name: string) => Promise<undefined>
}

/** A plugin that may run programs, with a workspace that the user of the sandboxes can reach. */
const lend = (programs: object, options: LendOptions = {}): Lent => {
  const home = temporaryFolder()
  chmodSync(home, 0o755)
  const workspace = join(home, 'workspace')
  mkdirSync(workspace, { mode: 0o700 })
  if (nobody !== undefined) chownSync(workspace, nobody.uid, nobody.gid)
  const settings = pluginsConfig.parse({ programs })
  const files = fileStores({ home, settings, owner: nobody, clock: systemClock })
  const permissions = { 'process:spawn': { commands: Object.keys(programs) } }
  const { find } = options
  const run = runProgram({
    clock: systemClock,
    logger: silentLogger,
    user: nobody,
    ...(find !== undefined && { find }),
  })
  const asking = askBroker({ permissions, ...options, settings, files, runProgram: run })
  return {
    ...asking,
    workspace,
    async shell(script, more = {}) {
      const end = await asking.ask('process.run', { command: 'sh', args: ['-c', script], ...more })
      const { code, stdout, stderr } = end as { code: number; stdout: Uint8Array; stderr: Uint8Array }
      return { code, out: Buffer.from(stdout).toString(), err: Buffer.from(stderr).toString() }
    },
  }
}

const sh = { path: '/bin/sh' }
const run = (command: string, args: readonly string[] = [], more: object = {}) => ({ command, args, ...more })

const argumentsOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return '' // it has ended
  }
}

/** True while a process of this machine has these words among its arguments. */
const running = (words: string): boolean =>
  readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && argumentsOf(pid).includes(words))

/** Resolves when there is none any more; the test is late where that never comes. */
const ended = async (words: string): Promise<void> => {
  while (running(words)) await sleep(20)
}

/** The first process in a box has nothing but the words for its arguments. */
const begun = async (words: string): Promise<void> => {
  while (!readdirSync('/proc').some((pid) => argumentsOf(pid).trim() === words)) await sleep(20)
}

describeWith('bubblewrap', 'programs of the operator’s list', () => {
  it('get their arguments without a shell, and answer with what they wrote and their exit code', async () => {
    const { ask, shell } = lend({
      sh,
      cat: { path: '/bin/cat' },
      echo: { path: '/bin/echo', args: ['fixed'] },
    })
    const stdin = Buffer.from('hello')
    expect(await ask('process.run', run('cat', [], { stdin }))).toEqual({
      code: 0,
      stdout: stdin,
      stderr: Buffer.alloc(0),
    })
    const echoed = (await ask('process.run', run('echo', ['$(id)', '; id']))) as { stdout: Uint8Array }
    expect(Buffer.from(echoed.stdout).toString()).toBe('fixed $(id) ; id\n')
    expect(await shell('echo out; echo err >&2; exit 7')).toEqual({ code: 7, out: 'out\n', err: 'err\n' })
  })

  it('have no environment, no home, no processes of others, and nothing to write to but scratch', async () => {
    const { shell } = lend({ sh })
    const { out } = await shell(
      'env; ls /root /home /proc /etc/passwd /workspace 2>&1; touch /usr/x /x /dev/x /dev/shm/x 2>&1; echo gone > /dev/null; ls -A /; id -u; echo y > /tmp/y && cat /tmp/y',
    )
    expect(out).toContain('PWD=/tmp')
    expect(
      out.split('\n').filter((line) => /^[A-Z_]+=/.test(line) && !/^(PWD|OLDPWD|SHLVL|_)=/.test(line)),
    ).toEqual([])
    for (const path of ['/root', '/home', '/proc', '/etc/passwd', '/workspace'])
      expect(out).toMatch(new RegExp(`${path}.*No such file`))
    expect(out.match(/Read-only file system/g)).toHaveLength(4)
    expect(out).toContain('65534')
    expect(out.trimEnd().endsWith('y')).toBe(true)
  })

  it('hold no descriptor but the standard ones', async () => {
    const { shell } = lend({ sh })
    const { out } = await shell(
      'for fd in 3 4 5 6 7 8 9; do (echo forged >&$fd) 2>/dev/null && echo $fd; done; true',
    )
    expect(out).toBe('')
  })

  it('reach no network', async () => {
    let hits = 0
    const server = createServer(() => void hits++).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { readonly port: number }
    const { ask } = lend({ perl: { path: '/usr/bin/perl' } })
    const script = `use IO::Socket::INET; my $s = IO::Socket::INET->new("127.0.0.1:${port}"); print $s ? "open" : "closed: $!"`
    const { stdout } = (await ask('process.run', run('perl', ['-e', script]))) as { stdout: Uint8Array }
    expect(Buffer.from(stdout).toString()).toMatch(/^closed/)
    await sleep(100)
    expect(hits).toBe(0)
  })

  it('see the workspace as the operator lends it', async () => {
    const readable = lend({ sh: { ...sh, workspace: 'read' } })
    writeFileSync(join(readable.workspace, 'a'), 'text', { mode: 0o644 })
    expect(await readable.shell('pwd; cat a; echo no > b')).toMatchObject({
      code: 2,
      out: '/workspace\ntext',
    })
    expect(existsSync(join(readable.workspace, 'b'))).toBe(false)
    const writable = lend({ sh: { ...sh, workspace: 'write' } })
    expect(await writable.shell('echo yes > b')).toMatchObject({ code: 0, err: '' })
    expect(readFileSync(join(writable.workspace, 'b'), 'utf8')).toBe('yes\n')
  })

  it('are ended with all that they started when their time is up', async () => {
    const mark = `sleep 98.${process.pid}`
    const { refusal } = lend({ sh: { ...sh, timeoutMs: 500 } })
    const script = `(${mark} & ${mark} & wait) & ${mark}`
    expect(await refusal('process.run', run('sh', ['-c', script]))).toMatchObject({ code: 'plugin.timeout' })
    await ended(mark)
  })

  it.each(['signal', 'withdrawn'] as const)('are ended with their call and their grant: %s', async (name) => {
    const mark = `sleep 97.${process.pid}`
    const life = new AbortController()
    const { refusal } = lend({ sh }, { [name]: life.signal })
    const waiting = refusal('process.run', run('sh', ['-c', `${mark} & ${mark}`]))
    await begun(mark)
    life.abort(new Error('it is over'))
    expect(await waiting).toMatchObject({ message: 'it is over' })
    await ended(mark)
  })

  it('are ended however soon after their start', async () => {
    const mark = `sleep 96.${process.pid}`
    const endAfter = async (delayMs: number): Promise<void> => {
      const life = new AbortController()
      const { refusal } = lend({ sh }, { signal: life.signal })
      const waiting = refusal('process.run', run('sh', ['-c', `${mark} & ${mark}`]))
      await sleep(delayMs)
      life.abort(new Error('it is over'))
      expect(await waiting).toMatchObject({ message: 'it is over' })
    }
    // Their boxes are half made when they are ended.
    for (let delayMs = 0; delayMs < 40; delayMs++) await endAfter(delayMs)
    await ended(mark)
  })

  it('are ended when they write on and on', async () => {
    const { refusal } = lend({ yes: { path: '/usr/bin/yes' } })
    expect(await refusal('process.run', run('yes'))).toMatchObject({ code: 'plugin.quota-exceeded' })
  })

  it('have limits of memory and processes of their own', async () => {
    const { shell, ask } = lend({ sh, perl: { path: '/usr/bin/perl' } })
    const bomb = (await ask(
      'process.run',
      run('perl', ['-e', '$x = "a" x 4_000_000_000; print "got it"']),
    )) as { code: number; stdout: Uint8Array }
    expect(bomb.code).not.toBe(0)
    expect(Buffer.from(bomb.stdout).toString()).toBe('')
    expect(await shell('ulimit -n; ulimit -c')).toMatchObject({ out: '256\n0\n' })
    const forks = 'i=0; while [ $i -lt 100 ]; do sleep 9 & i=$((i+1)); done'
    expect((await shell(forks)).err).toContain('Cannot fork')
  })

  it('are the ones that the manifest names, the operator lists, and the grant covers', async () => {
    const { refusal, denials } = lend({ sh }, { permissions: { 'process:spawn': { commands: ['git'] } } })
    const denied = { code: 'plugin.permission-denied' }
    expect(await refusal('process.run', run('sh'))).toMatchObject(denied)
    expect(await refusal('process.run', run('git'))).toMatchObject(denied)
    expect(await refusal('process.run', run('constructor'))).toMatchObject(denied)
    expect(denials.map(({ allowedBy }) => allowedBy)).toEqual([
      expect.stringContaining('"process:spawn": { "commands": ["sh"], "reason": "…" }'),
      '"git" in the setting plugins.programs, with the path of the program',
      expect.stringContaining('"commands": ["constructor"]'),
    ])
    const ungranted = lend({ sh }, { grants: [] })
    expect(await ungranted.refusal('process.run', run('sh'))).toMatchObject(denied)
  })

  it('run two at a time for one plugin', async () => {
    const { refusal, shell } = lend({ sh })
    const two = [shell('sleep 1'), shell('sleep 1')]
    await sleep(50)
    expect(await refusal('process.run', run('sh'))).toMatchObject({ code: 'plugin.overloaded' })
    await Promise.all(two)
    expect(await shell('true')).toMatchObject({ code: 0 })
  })

  it('never run outside of a box: without bubblewrap they are refused', async () => {
    const { refusal, workspace } = lend(
      { sh: { ...sh, workspace: 'write' } },
      { find: async () => undefined },
    )
    const error = await refusal('process.run', run('sh', ['-c', `echo > ${join(workspace, 'ran')}`]))
    expect(error).toMatchObject({ code: 'plugin.isolation-unavailable' })
    expect(existsSync(join(workspace, 'ran'))).toBe(false)
  })

  it('tell the plugin nothing of the host where their box cannot be made', async () => {
    const { refusal, workspace } = lend({ sh: { ...sh, workspace: 'read' } })
    rmSync(workspace, { recursive: true })
    writeFileSync(workspace, 'no folder')
    chmodSync(workspace, 0o000)
    const error = await refusal('process.run', run('sh', ['-c', 'true']))
    expect(error).toMatchObject({ code: 'plugin.isolation-unavailable' })
    expect(error.message).not.toContain(workspace)
  })

  it('may lie outside the system’s folders, with the libraries that they load', async () => {
    const folder = temporaryFolder()
    chmodSync(folder, 0o755)
    const node = join(folder, 'node')
    copyFileSync(process.execPath, node)
    chmodSync(node, 0o755)
    const { ask } = lend({ node: { path: node } })
    const script = `
      const net = require('node:net').connect(1, '127.0.0.1')
      net.on('error', (error) => console.log(error.code, Object.keys(process.env), process.cwd(), require('fs').readdirSync('/')))`
    const end = (await ask('process.run', run('node', ['-e', script]))) as {
      stdout: Uint8Array
      stderr: Uint8Array
    }
    expect(Buffer.from(end.stderr).toString()).toBe('')
    expect(Buffer.from(end.stdout).toString()).toMatch(
      /^E(PERM|ACCES|NETUNREACH|CONNREFUSED) \[ 'PWD' \] \/tmp/,
    )
  })

  it('are refused by name where they are not there, and take no NUL', async () => {
    const { refusal } = lend({ sh, gone: { path: '/usr/bin/not-there' } })
    const error = await refusal('process.run', run('gone'))
    expect(error).toMatchObject({ code: 'plugin.unavailable' })
    expect(error.message).not.toContain('/usr/bin')
    expect(await refusal('process.run', run('sh', ['a\0b']))).toMatchObject({ code: 'plugin.input-invalid' })
  })
})

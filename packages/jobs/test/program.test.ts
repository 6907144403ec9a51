import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@covent/testing'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../src/index.ts'

const shell = (script: string) => ({ command: '/bin/sh', args: ['-c', script] })
const idle = new AbortController().signal

const isAlive = (pid: number): boolean => {
  try {
    // A zombie that nobody has waited for yet is dead, too.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
const pidIn = async (file: string): Promise<number> => {
  await expect
    .poll(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'), { timeout: 20_000 })
    .toBe(true)
  return Number(readFileSync(file, 'utf8'))
}

describe('a program that does a job', () => {
  it('gets its input and its environment, and no other, and gives its output', async () => {
    const program = { ...shell('cat; echo " $WORD $HOME" >&2'), env: { WORD: 'w' }, input: 'hello' }
    const { output, errors } = await runProgram(program, idle)
    expect([String(output), String(errors)]).toEqual(['hello', ' w \n'])
  })

  it('fails with its last words', async () => {
    await expect(runProgram(shell('echo broken >&2; exit 3'), idle)).rejects.toMatchObject({
      code: 'job.program-failed',
      message: '/bin/sh ended with exit code 3: broken',
    })
    await expect(runProgram({ command: '/nowhere' }, idle)).rejects.toMatchObject({
      code: 'job.program-failed',
    })
  })

  it('is ended with all its children when the job is, even those that will not hear of it', async () => {
    const file = join(temporaryFolder(), 'pid')
    const stop = new AbortController()
    const deaf = `trap '' TERM; (trap '' TERM; while :; do sleep 1; done) & echo $! > ${file}; while :; do sleep 1; done`
    const ended = runProgram({ ...shell(deaf), graceMs: 50 }, stop.signal)
    const child = await pidIn(file)
    expect(isAlive(child)).toBe(true)
    stop.abort(new Error('enough'))
    await expect(ended).rejects.toThrow('enough')
    await expect.poll(() => isAlive(child)).toBe(false)
  })

  it('leaves no children behind when it ends by itself', async () => {
    const file = join(temporaryFolder(), 'pid')
    await runProgram(shell(`sleep 60 >/dev/null 2>&1 & echo $! > ${file}`), idle)
    const child = await pidIn(file)
    await expect.poll(() => isAlive(child)).toBe(false)
  })

  it('dies with the server, even when that is killed', async () => {
    const file = join(temporaryFolder(), 'pid')
    const program = JSON.stringify(shell(`echo $$ > ${file}; sleep 60`))
    const source = `import { runProgram } from '@covent/jobs'; await runProgram(${program}, new AbortController().signal)`
    const flags = ['--conditions=@covent/source', '--input-type=module', '-e', source]
    const server = spawn(process.execPath, flags, { cwd: import.meta.dirname, stdio: 'inherit' })
    const child = await pidIn(file)
    server.kill('SIGKILL')
    await once(server, 'close')
    await expect.poll(() => isAlive(child)).toBe(false)
  })

  it('gets no more memory, processor time and output than it may', async () => {
    const big = { command: process.execPath, args: ['-e', '0'], memoryBytes: 64 << 20 }
    await expect(runProgram(big, idle)).rejects.toMatchObject({ code: 'job.program-failed' })
    const busy = { ...shell('while :; do :; done'), cpuSeconds: 1 }
    await expect(runProgram(busy, idle)).rejects.toThrow(/signal SIG(XCPU|KILL)/)
    const loud = { ...shell('while :; do echo 1234567890; done'), outputBytes: 1000 }
    await expect(runProgram(loud, idle)).rejects.toThrow('wrote more than it may')
  })
})

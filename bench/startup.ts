import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverProcess } from '../packages/testing/src/server-process.ts'
import { cpuSeconds, residentMb } from './support/load.ts'
import { median, type Row } from './support/row.ts'
import { commands, root } from './support/servers.ts'

interface Start {
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly idleMb: number
}

const startOnce = async (command: readonly [string, ...string[]], home: string): Promise<Start> => {
  const began = performance.now()
  const server = await serverProcess({
    command,
    home,
    env: { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/covent-bench') },
  })
  const wallSeconds = (performance.now() - began) / 1000
  const cpu = cpuSeconds(server.ready.pid)
  await sleep(3000)
  const idleMb = residentMb(server.ready.pid)
  await server.stop()
  return { wallSeconds, cpuSeconds: cpu, idleMb }
}

const starts = async (command: readonly [string, ...string[]]): Promise<Start> => {
  const home = mkdtempSync(join(tmpdir(), 'covent-bench-'))
  // The first fills the compile cache and makes the home.
  await startOnce(command, home)
  const all = [await startOnce(command, home), await startOnce(command, home), await startOnce(command, home)]
  rmSync(home, { recursive: true, force: true })
  const of = (name: keyof Start): number => median(all.map((start) => start[name]))
  return { wallSeconds: of('wallSeconds'), cpuSeconds: of('cpuSeconds'), idleMb: of('idleMb') }
}

const row = (name: string, seen: Start, aim: Start): Row => ({
  measure: `start of the server process, ${name}, example plugins in their sandboxes`,
  seen: `${seen.wallSeconds.toFixed(2)} s wall, ${seen.cpuSeconds.toFixed(2)} s CPU, ${seen.idleMb.toFixed(0)} MB idle RSS`,
  rival: 'aim of its own (others in this field: 10–20 s, 200–900 MB)',
  aim: `≤ ${aim.wallSeconds} s, ≤ ${aim.cpuSeconds} s, ≤ ${aim.idleMb} MB`,
  isMet:
    seen.wallSeconds <= aim.wallSeconds && seen.cpuSeconds <= aim.cpuSeconds && seen.idleMb <= aim.idleMb,
})

/** From process start to the ready line, as the parent sees it. */
export const startup = async (): Promise<Row[]> => [
  row('from source, warm compile cache', await starts(commands.source), {
    wallSeconds: 1,
    cpuSeconds: 0.5,
    idleMb: 120,
  }),
  row('built', await starts(commands.built), { wallSeconds: 0.7, cpuSeconds: 0.4, idleMb: 110 }),
]

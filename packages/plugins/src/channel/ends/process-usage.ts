import { readdirSync, readFileSync } from 'node:fs'
import type { Usage } from '../../drivers/isolation-driver.ts'

const bytesPerPage = 4_096
/** The kernel's clock ticks for user programs: 100 a second on every machine that Node runs on. */
const msPerTick = 10

/** A process and all that it started. */
export interface ProcessTree extends Usage {
  readonly pids: readonly number[]
}

const childrenOf = (pid: number): readonly number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )

const ownUsage = (pid: number): Usage => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name, in parentheses, may hold anything; state is the first field behind it.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  return { rssBytes: fields[21]! * bytesPerPage, cpuMs: (fields[11]! + fields[12]!) * msPerTick }
}

/**
 * What it uses now; nothing where it has ended or /proc is missing. Read at once: the kernel answers from memory, and
 * threads of the pool would cost more than they save.
 */
export const processTree = (pid: number): ProcessTree => {
  try {
    const own = { ...ownUsage(pid), pids: [pid] }
    return childrenOf(pid)
      .map(processTree)
      .reduce(
        (sum, { rssBytes, cpuMs, pids }) => ({
          rssBytes: sum.rssBytes + rssBytes,
          cpuMs: sum.cpuMs + cpuMs,
          pids: [...sum.pids, ...pids],
        }),
        own,
      )
  } catch {
    return { rssBytes: 0, cpuMs: 0, pids: [] } // it ended meanwhile
  }
}

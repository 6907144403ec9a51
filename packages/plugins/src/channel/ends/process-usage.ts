import { readdir, readFile } from 'node:fs/promises'
import type { Usage } from '../../drivers/isolation-driver.ts'

const bytesPerPage = 4_096
/** The kernel's clock ticks for user programs: 100 a second on every machine that Node runs on. */
const msPerTick = 10

const nothing: Usage = { rssBytes: 0, cpuMs: 0 }

const sum = (all: readonly Usage[]): Usage => ({
  rssBytes: all.reduce((total, { rssBytes }) => total + rssBytes, 0),
  cpuMs: all.reduce((total, { cpuMs }) => total + cpuMs, 0),
})

const childrenOf = async (pid: number): Promise<readonly number[]> => {
  const tasks = await readdir(`/proc/${pid}/task`)
  const texts = tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8'))
  return (await Promise.all(texts)).flatMap((text) => text.split(' ').filter(Boolean).map(Number))
}

const ownUsage = async (pid: number): Promise<Usage> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The name, in parentheses, may hold anything; state is the first field behind it.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  return { rssBytes: fields[21]! * bytesPerPage, cpuMs: (fields[11]! + fields[12]!) * msPerTick }
}

/** Of a process and all that it started, as they are now; nothing where it has ended or /proc is missing. */
export const processUsage = async (pid: number): Promise<Usage> => {
  try {
    const [own, children] = await Promise.all([ownUsage(pid), childrenOf(pid)])
    return sum([own, ...(await Promise.all(children.map(processUsage)))])
  } catch {
    return nothing // it ended meanwhile
  }
}

import { readdirSync, readFileSync } from 'node:fs'

const commandOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // it ended meanwhile
  }
}

/** Living Node processes that were started with this heap size, which stands for their name. */
export const pidsOf = (memoryMb: number): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const [program, ...args] = commandOf(pid).split('\0')
      return program!.endsWith('node') && args.includes(`--max-old-space-size=${memoryMb}`)
    })
    .map(Number)

export const processesOf = (memoryMb: number): number => pidsOf(memoryMb).length

export const until = async (holds: () => boolean): Promise<boolean> => {
  for (let n = 0; n < 750 && !holds(); n++) await new Promise((resolve) => setTimeout(resolve, 20))
  return holds()
}

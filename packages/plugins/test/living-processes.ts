import { readdirSync, readFileSync } from 'node:fs'

const commandOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // it ended meanwhile
  }
}

const processesWhere = (matches: (words: readonly string[]) => boolean): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && matches(commandOf(name).split('\0')))
    .map(Number)

const heapSize = (memoryMb: number): string => `--max-old-space-size=${memoryMb}`

/** Living Node processes that were started with this heap size, which stands for their name. */
export const pidsOf = (memoryMb: number): readonly number[] =>
  processesWhere(([program, ...args]) => program!.endsWith('node') && args.includes(heapSize(memoryMb)))

/** The same, and whatever still makes their sandbox. */
export const remainsOf = (memoryMb: number): number =>
  processesWhere((words) => words.includes(heapSize(memoryMb))).length

export const processesOf = (memoryMb: number): number => pidsOf(memoryMb).length

export const until = async (holds: () => boolean): Promise<boolean> => {
  for (let n = 0; n < 750 && !holds(); n++) await new Promise((resolve) => setTimeout(resolve, 20))
  return holds()
}

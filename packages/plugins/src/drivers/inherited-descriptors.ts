import type { ChildProcess, StdioOptions } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'

const closeOnExec = 0o2_000_000
const folder = '/proc/self/fdinfo'

/**
 * Descriptors that whoever started this server left open for all its children (a log, a lock, a socket of a supervisor).
 * Those that Node opens close themselves.
 */
export const inheritedDescriptors = async (): Promise<readonly number[]> => {
  const names = await readdir(folder).catch((): string[] => []) // only Linux has it
  const found = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(`${folder}/${name}`, 'utf8').catch(() => '') // closed meanwhile
      const flags = Number.parseInt(/flags:\s*(\d+)/.exec(text)?.[1] ?? String(closeOnExec), 8)
      return (flags & closeOnExec) === 0 ? [Number(name)] : []
    }),
  )
  return found.flat().filter((descriptor) => descriptor > 2)
}

/** Spawns with these `stdio`, and with nothing at every other number that would be inherited. */
export const sealed = (
  own: readonly ('ignore' | 'pipe')[],
  inherited: readonly number[],
  spawn: (stdio: StdioOptions) => ChildProcess,
): ChildProcess => {
  const shadowed = new Set(inherited.filter((descriptor) => descriptor >= own.length))
  if (shadowed.size === 0) return spawn([...own])
  const nothing = openSync('/dev/null', 'r')
  const rest = Array.from({ length: Math.max(...shadowed) + 1 }, (_, n) =>
    shadowed.has(n) ? nothing : 'ignore',
  )
  try {
    return spawn([...own, ...rest.slice(own.length)])
  } finally {
    closeSync(nothing)
  }
}

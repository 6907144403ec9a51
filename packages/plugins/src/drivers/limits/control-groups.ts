import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

export type Controller = 'memory' | 'cpu' | 'pids'
export interface GroupLimits {
  /** On top of what its processes use now. */
  readonly memoryBytes: number
  /** Of one processor. */
  readonly cpuPercent: number
  readonly processes: number
}

/** Processes that the kernel counts together. */
export interface ControlGroup {
  add(pid: number): void
  limit(limits: GroupLimits): void
  /** Whether the kernel has killed one of them for its memory. */
  isOutOfMemory(): boolean
  /** Forgets the group, which must be empty. */
  remove(): void
}

export interface ControlGroups {
  /** What the kernel lets this server limit. */
  readonly controllers: ReadonlySet<Controller>
  open(): ControlGroup
}

/** Where the kernel tells of control groups; other places are for tests. */
export interface CgroupPlaces {
  readonly own: string
  readonly mount: string
}

const controllers: readonly Controller[] = ['memory', 'cpu', 'pids']
const serverGroup = 'covent-server'
const periodUs = 100_000

const write = (path: string, value: number | string): void => writeFileSync(path, String(value))
const read = (path: string): string => readFileSync(path, 'utf8')
const quotaUs = (percent: number): number => Math.max(1_000, (percent * periodUs) / 100)

/** How a version of control groups names what we use. */
interface Dialect {
  readonly memoryEvents: string
  readonly limit: Readonly<Record<Controller, (folder: string, limits: GroupLimits) => void>>
}

const memoryLimit = (folder: string, now: string, { memoryBytes }: GroupLimits): number =>
  Number(read(join(folder, now))) + memoryBytes
const limitPids = (folder: string, { processes }: GroupLimits): void =>
  write(join(folder, 'pids.max'), processes)

const second: Dialect = {
  memoryEvents: 'memory.events',
  limit: {
    memory(folder, limits) {
      write(join(folder, 'memory.max'), memoryLimit(folder, 'memory.current', limits))
      if (existsSync(join(folder, 'memory.swap.max'))) write(join(folder, 'memory.swap.max'), 0)
    },
    cpu: (folder, { cpuPercent }) => write(join(folder, 'cpu.max'), `${quotaUs(cpuPercent)} ${periodUs}`),
    pids: limitPids,
  },
}

const first: Dialect = {
  memoryEvents: 'memory.oom_control',
  limit: {
    memory(folder, limits) {
      const bytes = memoryLimit(folder, 'memory.usage_in_bytes', limits)
      write(join(folder, 'memory.limit_in_bytes'), bytes)
      const withSwap = join(folder, 'memory.memsw.limit_in_bytes')
      if (existsSync(withSwap)) write(withSwap, bytes)
    },
    cpu(folder, { cpuPercent }) {
      write(join(folder, 'cpu.cfs_period_us'), periodUs)
      write(join(folder, 'cpu.cfs_quota_us'), quotaUs(cpuPercent))
    },
    pids: limitPids,
  },
}

type Folders = ReadonlyMap<Controller, string>

/** Makes a group in each folder that stands for a controller; version 2 has one for all. */
const openGroup = (bases: Folders, dialect: Dialect): ControlGroup => {
  const name = `covent-${process.pid}-${randomBytes(6).toString('hex')}`
  const folders = new Map([...bases].map(([controller, base]) => [controller, join(base, name)]))
  const all = [...new Set(folders.values())]
  for (const folder of all) mkdirSync(folder)
  return {
    add(pid) {
      for (const folder of all) write(join(folder, 'cgroup.procs'), pid)
    },
    limit(limits) {
      for (const [controller, folder] of folders) dialect.limit[controller](folder, limits)
    },
    isOutOfMemory() {
      const folder = folders.get('memory')
      if (folder === undefined) return false
      return /^oom_kill [1-9]/m.test(read(join(folder, dialect.memoryEvents)))
    },
    remove() {
      for (const folder of all) rmdirSync(folder)
    },
  }
}

/** Removes what servers left behind that were killed. */
const sweep = (base: string): void => {
  for (const name of readdirSync(base)) {
    const pid = /^covent-(\d+)-/.exec(name)?.[1]
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue
    try {
      rmdirSync(join(base, name))
    } catch {
      // Something still runs in it.
    }
  }
}

const isWritable = (base: string): boolean => {
  const probe = join(base, `covent-${process.pid}-probe`)
  try {
    sweep(base)
    mkdirSync(probe)
    rmdirSync(probe)
    return true
  } catch {
    return false
  }
}

/** A group that holds processes cannot share out its controllers, so this server moves into a group of its own first. */
const delegate = (base: string, isRoot: boolean): void => {
  const wanted = controllers.map((name) => `+${name}`).join(' ')
  if (isRoot) return write(join(base, 'cgroup.subtree_control'), wanted)
  const own = join(base, serverGroup)
  mkdirSync(own, { recursive: true })
  write(join(own, 'cgroup.procs'), process.pid)
  try {
    write(join(base, 'cgroup.subtree_control'), wanted)
  } catch (error) {
    write(join(base, 'cgroup.procs'), process.pid)
    rmdirSync(own)
    throw error
  }
}

const secondVersion = (mount: string, own: string): Folders => {
  const path = join(mount, basename(own) === serverGroup ? dirname(own) : own)
  const shared = (): readonly string[] => read(join(path, 'cgroup.subtree_control')).trim().split(' ')
  try {
    const offered = read(join(path, 'cgroup.controllers')).trim().split(' ')
    if (!controllers.every((name) => offered.includes(name)) || !isWritable(path)) return new Map()
    if (!controllers.every((name) => shared().includes(name))) delegate(path, own === '/')
    return new Map(controllers.map((name) => [name, path]))
  } catch {
    return new Map() // not delegated to this server
  }
}

const firstVersion = (mount: string, paths: ReadonlyMap<string, string>): Folders =>
  new Map(
    controllers.flatMap((name) => {
      const base = join(mount, name, paths.get(name) ?? '/')
      return paths.has(name) && isWritable(base) ? [[name, base] as const] : []
    }),
  )

const places: CgroupPlaces = { own: '/proc/self/cgroup', mount: '/sys/fs/cgroup' }

/** Finds where this server may make groups: version 2 where it was delegated, else version 1. Undefined where nowhere. */
export const controlGroups = ({ own, mount }: CgroupPlaces = places): ControlGroups | undefined => {
  if (!existsSync(own)) return undefined
  const lines = [...read(own).matchAll(/^\d+:([^:]*):(.*)$/gm)]
  const paths = new Map(lines.flatMap(([, names, path]) => names!.split(',').map((name) => [name, path!])))
  const whole = secondVersion(mount, paths.get('') ?? '/')
  const [folders, dialect] = whole.size > 0 ? [whole, second] : [firstVersion(mount, paths), first]
  if (folders.size === 0) return undefined
  return { controllers: new Set(folders.keys()), open: () => openGroup(folders, dialect) }
}

import { escape, type HostileCase } from './hostile-case.ts'

/** Looking for secrets around the process. */
export const environmentCases: readonly HostileCase[] = [
  escape({ id: 'H03', success: 'a variable of the host' }),
  escape({ id: 'H04', success: 'environment, memory or command line of a process' }),
  escape({ id: 'H05', success: 'a variable, or a report file' }),
  escape({ id: 'H06', success: 'a snapshot file' }),
]

import { escape, type HostileCase } from './hostile-case.ts'

/** Reaching other machines, and other processes of this one. */
export const networkCases: readonly HostileCase[] = [
  escape({ id: 'H07', success: 'a connection that the host’s listener counts' }),
  escape({ id: 'H08', success: 'a packet that the host’s listener counts' }),
  escape({ id: 'H09', success: 'a connection by path or abstract name' }),
  escape({ id: 'H11', success: 'a port that listens', expected: 'held or killed' }),
  escape({ id: 'H12', success: 'a connection to 169.254.169.254' }),
]

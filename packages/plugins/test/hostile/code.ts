import { escape, type HostileCase } from './hostile-case.ts'

const also = (id: string, start: string, success: string): HostileCase => ({
  ...escape({ id: start, success: '' }),
  id,
  success,
})

/** Running what the host did not let in. */
export const codeCases: readonly HostileCase[] = [
  escape({ id: 'H13', success: 'a process that ran' }),
  escape({ id: 'H14', success: 'a shell in its place' }),
  escape({ id: 'H15', success: 'a binding' }),
  escape({ id: 'H16', success: 'the host ends', expected: 'held or killed' }),
  escape({ id: 'H17', success: 'a library that was loaded' }),
  escape({ id: 'H18', success: 'a library that was loaded' }),
  escape({ id: 'H19', success: 'a database that opens' }),
  escape({ id: 'H20', success: 'a thread without the restrictions, a folder of the host' }),
  escape({ id: 'H21', success: 'an inspector that listens' }),
  also('X02', 'evaluates text', 'code made of text'),
  also('X03', 'pollutes through', 'another prototype of all objects'),
  also('X04', 'imports something', 'a module that is not the SDK'),
]

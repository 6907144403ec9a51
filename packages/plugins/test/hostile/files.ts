import { escape, type HostileCase, way } from './hostile-case.ts'

/** Reaching files. */
export const fileCases: readonly HostileCase[] = [
  escape({ id: 'H01', success: 'the content of a file' }),
  escape({ id: 'H02', success: 'names of files of the host' }),
  escape({ id: 'H24', success: 'a file of the host under another name' }),
  escape({ id: 'H39', success: 'a file that it wrote' }),
  {
    ...escape({ id: 'reads files through', success: '' }),
    id: 'X01',
    success: 'a file that the server inherited',
  },
  way({
    id: 'H39b',
    title: 'opens files without end',
    success: 'the host can open no more',
    action: 'files',
    expected: 'held',
    holds: (answer) => answer === 'EMFILE',
  }),
]

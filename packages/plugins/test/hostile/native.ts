import { callAction } from '../../src/testing.ts'
import { hasForeignFunctions, nativePlugin, x64Calls } from '../native-plugin.ts'
import type { HostileCase } from './hostile-case.ts'

const native = (id: string, title: string, names: readonly (keyof typeof x64Calls)[]): HostileCase => ({
  id,
  title: `${title}, by native code (without the permission model)`,
  success: 'a system call that is done',
  expected: 'held',
  isNative: true,
  async drive({ open }) {
    const sandbox = await open(nativePlugin, { permissionModel: 'off' })
    const input = Object.fromEntries(names.map((name) => [name, x64Calls[name]]))
    const outcome = (await callAction(sandbox, { action: 'call', input })) as Record<string, string>
    const done = names.filter((name) => outcome[name] === 'done')
    return done.length === 0 ? 'held' : `done: ${done.join(', ')}`
  },
})

/** System calls that Node never makes. */
export const nativeCases: readonly HostileCase[] = hasForeignFunctions
  ? [
      native('H10', 'opens sockets past the network namespace', [
        'vsock',
        'netlink',
        'packet',
        'alg',
        'inet',
      ]),
      native('H38', 'io_uring, namespaces, ptrace, bpf, keys, terminal input', [
        'ioUring',
        'unshareUser',
        'cloneUser',
        'ptrace',
        'bpf',
        'keyctl',
        'userfaultfd',
        'mount',
        'injectInput',
        'processMemory',
      ]),
    ]
  : []

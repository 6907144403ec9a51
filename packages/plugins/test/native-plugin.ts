/** Makes system calls by number through node:ffi, which nothing but the permission model keeps a plugin from. */
export const nativePlugin = `
import { definePlugin, z } from '@covent/plugin-sdk'
export default definePlugin({
  id: 'acme.native', version: '1.0.0', type: 'utility', description: 'Makes system calls.',
  actions: {
    call: {
      description: 'A system call', effect: 'read', input: z.any(), output: z.any(),
      async run(calls) {
        const ffi = process.getBuiltinModule('node:ffi')
        const { functions } = ffi.dlopen('libc.so.6', {
          syscall: { return: 'i64', arguments: Array(6).fill('i64') }, __errno_location: { return: 'pointer', arguments: [] },
        })
        return Object.fromEntries(Object.entries(calls).map(([name, args]) => {
          const padded = [...args, 0, 0, 0, 0, 0].slice(0, 6).map(BigInt)
          const result = Number(functions.syscall(...padded))
          return [name, result < 0 ? 'errno ' + ffi.getInt32(functions.__errno_location()) : 'done']
        }))
      },
    },
  },
})`

/** Arguments by name, the number of the call first. */
export const x64Calls = {
  vsock: [41, 40, 1, 0],
  netlink: [41, 16, 3, 0],
  packet: [41, 17, 3, 0],
  alg: [41, 38, 5, 0],
  inet: [41, 2, 1, 0],
  ioUring: [425, 8, 0],
  unshareUser: [272, 0x10000000],
  cloneUser: [56, 0x10000011],
  ptrace: [101, 0],
  bpf: [321, 0, 0, 0],
  keyctl: [250, 0, -3, 0],
  userfaultfd: [323, 1],
  mount: [165, 0, 0, 0, 0],
  injectInput: [16, 0, 0x5412, 0],
  processMemory: [310, 1, 0, 0, 0, 0],
}

export const hasForeignFunctions: boolean =
  process.arch === 'x64' && process.allowedNodeEnvironmentFlags.has('--experimental-ffi')

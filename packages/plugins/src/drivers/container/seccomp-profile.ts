import { arm64Syscalls, x64Syscalls } from '../syscalls.ts'

const notPermitted = 1 // EPERM
const noSuchCall = 38 // ENOSYS
const newUserNamespace = 0x10000000
const consoleInput = [0x5412, 0x541c] // TIOCSTI, TIOCLINUX

const names = (kind: 'refused' | 'missing'): readonly string[] =>
  [...new Set([x64Syscalls, arm64Syscalls].flatMap((table) => Object.keys(table[kind])))].toSorted()

const refuse = (list: readonly string[], errnoRet: number, args?: readonly object[]): object => ({
  names: list,
  action: 'SCMP_ACT_ERRNO',
  errnoRet,
  ...(args !== undefined && { args }),
})

/** The system-call filter of the level `process`, as container engines take it. */
export const seccompProfile = (): string =>
  `${JSON.stringify(
    {
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'],
      syscalls: [
        refuse(names('refused'), notPermitted),
        refuse(names('missing'), noSuchCall),
        refuse(['clone'], notPermitted, [
          { index: 0, value: newUserNamespace, valueTwo: newUserNamespace, op: 'SCMP_CMP_MASKED_EQ' },
        ]),
        ...consoleInput.map((value) =>
          refuse(['ioctl'], notPermitted, [{ index: 1, value, op: 'SCMP_CMP_EQ' }]),
        ),
      ],
    },
    undefined,
    2,
  )}\n`

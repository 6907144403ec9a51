import { arm64Syscalls, type SyscallTable, x64Syscalls } from './syscalls.ts'

interface Machine {
  /** AUDIT_ARCH_… of the kernel's seccomp data. */
  readonly audit: number
  readonly table: SyscallTable
  /** First number of the x32 interface, which would reach the same calls past the filter. */
  readonly foreignFrom?: number
}

const machines: Readonly<Record<string, Machine>> = {
  x64: { audit: 0xc000003e, table: x64Syscalls, foreignFrom: 0x40000000 },
  arm64: { audit: 0xc00000b7, table: arm64Syscalls },
}

const opcode = { load: 0x20, equal: 0x15, atLeast: 0x35, and: 0x54, answer: 0x06 } as const
const verdict = {
  allow: 0x7fff0000,
  kill: 0x80000000,
  notPermitted: 0x00050001,
  noSuchCall: 0x00050026,
} as const
/** Offsets in struct seccomp_data; arguments are 64 bits, the low half first on both machines. */
const offset = { number: 0, arch: 4, firstArgument: 16, secondArgument: 24 } as const

const newUserNamespace = 0x10000000
const injectInput = 0x5412 // TIOCSTI
const consoleControl = 0x541c // TIOCLINUX

interface Instruction {
  readonly code: number
  readonly operand: number
  readonly ifTrue?: number
  readonly ifFalse?: number
}

const load = (operand: number): Instruction => ({ code: opcode.load, operand })
const answer = (operand: number): Instruction => ({ code: opcode.answer, operand })
const skipUnless = (operand: number, count: number): Instruction => ({
  code: opcode.equal,
  operand,
  ifFalse: count,
})

const refuse = (number: number, how: number): readonly Instruction[] => [skipUnless(number, 1), answer(how)]

/** Looks into one argument; ends the program either way. */
const when = (number: number, checks: readonly Instruction[]): readonly Instruction[] => [
  skipUnless(number, checks.length),
  ...checks,
]

const program = ({ audit, table, foreignFrom }: Machine): readonly Instruction[] => [
  load(offset.arch),
  { code: opcode.equal, operand: audit, ifTrue: 1 },
  answer(verdict.kill),
  load(offset.number),
  ...(foreignFrom === undefined
    ? []
    : [{ code: opcode.atLeast, operand: foreignFrom, ifFalse: 1 }, answer(verdict.kill)]),
  ...Object.values(table.refused).flatMap((number) => refuse(number, verdict.notPermitted)),
  ...Object.values(table.missing).flatMap((number) => refuse(number, verdict.noSuchCall)),
  ...when(table.clone, [
    load(offset.firstArgument),
    { code: opcode.and, operand: newUserNamespace },
    ...refuse(newUserNamespace, verdict.notPermitted),
    answer(verdict.allow),
  ]),
  ...when(table.ioctl, [
    load(offset.secondArgument),
    ...refuse(injectInput, verdict.notPermitted),
    ...refuse(consoleControl, verdict.notPermitted),
    answer(verdict.allow),
  ]),
  answer(verdict.allow),
]

const assemble = (instructions: readonly Instruction[]): Buffer => {
  const bytes = Buffer.alloc(instructions.length * 8)
  instructions.forEach(({ code, operand, ifTrue = 0, ifFalse = 0 }, n) => {
    bytes.writeUInt16LE(code, n * 8)
    bytes.writeUInt8(ifTrue, n * 8 + 2)
    bytes.writeUInt8(ifFalse, n * 8 + 3)
    bytes.writeUInt32LE(operand, n * 8 + 4)
  })
  return bytes
}

/**
 * The system-call filter of the sandbox as `bwrap --seccomp` takes it (struct sock_filter[]): a deny list of what Node
 * does not need and bubblewrap leaves open. Undefined for a machine that it is not written for.
 */
export const seccompProgram = (arch: string): Buffer | undefined => {
  const machine = machines[arch]
  return machine === undefined ? undefined : assemble(program(machine))
}

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { seccompProgram } from '../src/drivers/seccomp.ts'

interface Data {
  readonly arch: number
  readonly number: number
  readonly args: readonly bigint[]
}

const layout = ({ arch, number, args }: Data): Buffer => {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(number, 0)
  data.writeUInt32LE(arch, 4)
  args.forEach((arg, n) => data.writeBigUInt64LE(arg, 16 + n * 8))
  return data
}

/** Runs a classic BPF program as the kernel does. */
const verdict = (program: Buffer, input: Data): number => {
  const data = layout(input)
  let accumulator = 0
  for (let at = 0; ; at++) {
    const code = program.readUInt16LE(at * 8)
    const operand = program.readUInt32LE(at * 8 + 4)
    const jump = (holds: boolean): number => program.readUInt8(at * 8 + (holds ? 2 : 3))
    if (code === 0x20) accumulator = data.readUInt32LE(operand)
    else if (code === 0x54) accumulator = (accumulator & operand) >>> 0
    else if (code === 0x05) at += operand
    else if (code === 0x15) at += jump(accumulator === operand)
    else if (code === 0x25) at += jump(accumulator > operand)
    else if (code === 0x35) at += jump(accumulator >= operand)
    else if (code === 0x06) return operand
    else throw new Error(`unknown instruction ${code.toString(16)}`)
  }
}

const architectures = { x64: 0xc000003e, arm64: 0xc00000b7 } as const
const values = [
  0n,
  1n,
  0x10000000n,
  0x10000011n,
  0x1_10000000n,
  0x5412n,
  0x541cn,
  0xf_00005412n,
  0x5413n,
  0xffffffff_ffffffffn,
]
const numbers = [...Array(600).keys(), 0x3fffffff, 0x40000000, 0x40000029, 0xfffffffe]

const different = (arch: keyof typeof architectures): string[] => {
  const ours = seccompProgram(arch)!
  const theirs = readFileSync(new URL(`fixtures/seccomp.${arch}.bpf`, import.meta.url))
  const cases = [architectures.x64, architectures.arm64, 0x40000003].flatMap((audit) =>
    numbers.flatMap((number) =>
      values.map((value) => ({ arch: audit, number, args: [value, value, 0n, 0n, 0n, 0n] })),
    ),
  )
  return cases
    .filter((data) => verdict(ours, data) !== verdict(theirs, data))
    .map(({ arch, number, args }) => `${arch.toString(16)} ${number} ${args[0]}`)
}

describe('the system-call filter', () => {
  it.each(['x64', 'arm64'] as const)(
    'decides as libseccomp does on %s, for every call and argument',
    (arch) => {
      expect(different(arch)).toEqual([])
    },
  )

  it('kills the x32 interface and refuses sockets, nested user namespaces and io_uring', () => {
    const program = seccompProgram('x64')!
    const ask = (number: number, first = 0n): number =>
      verdict(program, { arch: architectures.x64, number, args: [first] })
    expect(ask(0x40000029)).toBe(0x80000000)
    expect(ask(41)).toBe(0x00050001)
    expect(ask(56, 0x10000000n)).toBe(0x00050001)
    expect(ask(425)).toBe(0x00050026)
    expect(ask(0)).toBe(0x7fff0000)
  })

  it('exists for no machine that it was not written for', () => {
    expect(seccompProgram('riscv64')).toBeUndefined()
  })
})

import { createSocket } from 'node:dgram'
import { readFile } from 'node:fs/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemResolve } from '../src/names/system-resolve.ts'

const typeOf = (question: Buffer): number => question.readUInt16BE(question.length - 4)

/** The answer to one question, by the rules of DNS: header, the question again, one record. */
const reply = (query: Buffer, address: readonly number[] | undefined): Buffer => {
  const end = query.indexOf(0, 12) + 5
  const header = Buffer.from(query.subarray(0, 12))
  header.writeUInt16BE(address === undefined ? 0x8183 : 0x8180, 2) // without an address: no such name
  header.writeUInt16BE(address === undefined ? 0 : 1, 6)
  header.fill(0, 8, 12)
  const question = query.subarray(12, end)
  if (address === undefined) return Buffer.concat([header, question])
  const type = typeOf(question)
  const record = [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 1, 0, address.length, ...address]
  return Buffer.concat([header, question, Buffer.from(record)])
}

const nameServer = async (answer: (type: number) => readonly number[] | 'silent' | undefined) => {
  const socket = createSocket('udp4')
  socket.on('message', (query, peer) => {
    const end = query.indexOf(0, 12) + 5
    const address = answer(typeOf(query.subarray(12, end)))
    if (address !== 'silent') socket.send(reply(query, address), peer.port, peer.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  onTestFinished(() => void socket.close())
  return `127.0.0.1:${socket.address().port}`
}

describe('the names of the system', () => {
  it('have the addresses that the name servers tell, of both kinds', async () => {
    const v6 = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    const server = await nameServer((type) => (type === 1 ? [192, 0, 2, 7] : v6))
    const resolve = systemResolve({ servers: [server] })
    expect(await resolve('api.example.com')).toEqual(['192.0.2.7', '2001:db8::1'])
  })

  it('are looked up in the hosts file where no server knows them', async () => {
    const resolve = systemResolve({ servers: [await nameServer(() => undefined)] })
    expect(await resolve('localhost')).toContain('127.0.0.1')
  })

  it('hold up nobody else while a name server is silent', async () => {
    const resolve = systemResolve({ servers: [await nameServer(() => 'silent')] })
    for (let n = 0; n < 16; n++) void resolve(`a${n}.example.com`).catch(() => {})
    // Four lookups by the system would hold every thread that reads files.
    const read = readFile(new URL(import.meta.url), 'utf8')
    const late = new Promise((done) => setTimeout(() => done('late'), 1_000))
    expect(await Promise.race([read, late])).toContain('hold up nobody else')
  })
})

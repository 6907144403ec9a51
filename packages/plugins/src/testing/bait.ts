import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { EscapeTargets } from './escapes.ts'

export interface Bait extends EscapeTargets {
  /** Connections and packets that arrived. */
  hits(): number
  close(): Promise<void>
}

/** Things of the host within reach of everyone, and a count of those who reach them. */
export const layBait = async (): Promise<Bait> => {
  const folder = await mkdtemp(join(tmpdir(), 'covent-bait-'))
  const file = join(folder, 'canary')
  const socket = join(folder, 'socket')
  const abstract = basename(folder)
  let hits = 0
  const hit = (): void => void hits++
  const tcp = createServer(hit).listen(0, '127.0.0.1')
  const unix = createServer(hit).listen(socket)
  const nameless = createServer(hit).listen(`\0${abstract}`)
  const udp = createSocket('udp4', hit).bind(0, '127.0.0.1')
  const servers = [tcp, unix, nameless]
  await Promise.all([...servers, udp].map((server) => once(server, 'listening')))
  await Promise.all([writeFile(file, 'canary'), chmod(folder, 0o777), chmod(socket, 0o777)])
  return {
    folder,
    file,
    socket,
    abstract,
    tcpPort: (tcp.address() as AddressInfo).port,
    udpPort: udp.address().port,
    hostPid: process.pid,
    hits: () => hits,
    async close() {
      for (const server of servers) server.close()
      udp.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

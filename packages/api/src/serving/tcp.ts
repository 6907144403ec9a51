import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ApiKeys, type Clock, ConfigurationError } from '@covent/core'
import type { HttpConfig } from '../config.ts'
import { isLoopback, urlOf } from '../http/gate/hosts.ts'
import { listen } from './http-server.ts'

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no host of that name',
}

/** Listens on host and port of the settings; gives the URL, with the port that the system chose for 0. */
export const listenTcp = async (server: Server, { host, port }: HttpConfig): Promise<string> => {
  try {
    await listen(server, { host, port })
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? ''
    const message = `Cannot listen on ${host}:${port}: ${reasons[code] ?? code}. Choose another http.port or http.host.`
    throw new ConfigurationError('config.address-unusable', message, { cause })
  }
  return urlOf(host, (server.address() as AddressInfo).port)
}

/** Refuses to be reached from outside while nobody could prove who he is. */
export const checkReach = async (host: string, keys: ApiKeys, clock: Clock): Promise<void> => {
  if (isLoopback(host)) return
  const now = clock.now()
  const live = (await keys.list()).some(
    ({ revokedAt, expiresAt }) => revokedAt === undefined && (expiresAt === undefined || expiresAt > now),
  )
  if (live) return
  const message = `http.host ${host} can be reached from other machines, and there is no key yet: make one with \`covent keys create\` first, or use 127.0.0.1.`
  throw new ConfigurationError('config.address-unusable', message)
}

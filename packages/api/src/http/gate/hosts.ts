import { isIPv4, isIPv6 } from 'node:net'
import type { HttpConfig } from '../../config.ts'

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']

/** Whether only this machine reaches that address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))

const inHeader = (host: string): string => (isIPv6(host) ? `[${host}]` : host).toLowerCase()

/** An address as it stands in a URL. */
export const urlOf = (host: string, port: number): string => `http://${inHeader(host)}:${port}`

export interface HostGuard {
  /** Whether a Host header (`name` or `name:port`) names this server. */
  allowsHost(header: string): boolean
  /**
   * Whether an Origin header is this server's own: what the Host header says, port and all, or a name of `allowedHosts`, as a
   * proxy that changes Host leaves it. `null`, and another port of this machine, are not; `http.cors.origins` are.
   */
  allowsOrigin(header: string, host: string): boolean
}

export type HostSettings = Pick<HttpConfig, 'host' | 'allowedHosts' | 'cors'>

const shape = /^([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

/** Against DNS rebinding: a page on a foreign name that resolves to this address sends that foreign name. */
export const hostGuard = ({ host, allowedHosts, cors }: HostSettings): HostGuard => {
  const given = new Set(allowedHosts.map(inHeader))
  const names = new Set([...loopbackNames, inHeader(host), ...given])
  const allows = (header: string): boolean => {
    const name = shape.exec(header)?.[1]
    return name !== undefined && names.has(name.toLowerCase())
  }
  let last: string | undefined
  return {
    allowsHost(header) {
      if (header === last) return true
      if (!allows(header)) return false
      last = header
      return true
    },
    allowsOrigin(header, sentHost) {
      if (cors.origins.includes(header)) return true
      const own = /^https?:\/\/(.+)$/.exec(header)?.[1]?.toLowerCase()
      return own !== undefined && (own === sentHost.toLowerCase() || given.has(own))
    },
  }
}

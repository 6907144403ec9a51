import { isIPv4, isIPv6 } from 'node:net'

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
  /** Whether an Origin header is one of this server's own names; `null` is not. */
  allowsOrigin(header: string): boolean
}

const shape = /^([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

/** Against DNS rebinding: a page on a foreign name that resolves to this address sends that foreign name. */
export const hostGuard = (host: string, allowedHosts: readonly string[]): HostGuard => {
  const names = new Set([...loopbackNames, inHeader(host), ...allowedHosts.map(inHeader)])
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
    allowsOrigin: (header) => /^https?:\/\//.test(header) && allows(header.slice(header.indexOf('//') + 2)),
  }
}

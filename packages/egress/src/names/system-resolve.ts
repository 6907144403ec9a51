import { lookup, Resolver } from 'node:dns/promises'
import type { Resolve } from './addresses.ts'

export interface SystemResolveOptions {
  /** `address:port` of name servers; those of the system when absent. */
  readonly servers?: readonly string[]
}

const timeoutMs = 2_500
const tries = 2
const gone = ['ENOTFOUND', 'ENODATA']

/**
 * Asks the name servers in the process itself: the resolver of the system holds a thread of the pool for as long as a name
 * server likes to be silent, and four of those hold up every file of the server. It is asked for names that no server
 * knows (`/etc/hosts`), one at a time.
 */
export const systemResolve = ({ servers }: SystemResolveOptions = {}): Resolve => {
  let resolver: Resolver | undefined
  let last: Promise<unknown> = Promise.resolve()

  const open = (): Resolver => {
    const made = new Resolver({ timeout: timeoutMs, tries })
    if (servers !== undefined) made.setServers(servers)
    return made
  }
  const fromFile = (host: string): Promise<readonly string[]> => {
    const look = async () =>
      (await lookup(host, { all: true, order: 'verbatim' })).map(({ address }) => address)
    const found = last.then(look)
    last = found.catch(() => {}) // told to the one who asked
    return found
  }
  return async (host) => {
    resolver ??= open()
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    if (addresses.length > 0) return addresses
    const failed = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Error] : []))
    const other = failed.find((error) => !gone.includes((error as NodeJS.ErrnoException).code ?? ''))
    if (other !== undefined) throw other
    return fromFile(host)
  }
}

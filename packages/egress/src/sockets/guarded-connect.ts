import { type Clock, type Egress, type EgressConnection, EgressError, type EgressSocket } from '@covent/core'
import { type Callers, limitsOf } from '../caller.ts'
import { checkGranted } from '../grants.ts'
import { checkedAddresses, type Resolve } from '../names/addresses.ts'
import { secretsFor, withSecrets } from '../secrets/injection.ts'
import { maskOf } from '../secrets/mask.ts'
import { parseTarget } from '../target.ts'
import { abortable, within } from '../within.ts'
import { messageSocket } from './message-socket.ts'
import { openSocket } from './open-socket.ts'

export interface GuardedConnectOptions {
  readonly clock: Clock
  readonly resolve: Resolve
  readonly ca: string | undefined
  readonly callers: Callers
  /** Ends all connections. */
  readonly stopped: AbortSignal
}

const token = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/
const protocolCap = 8

const checkProtocols = ({ protocols = [] }: EgressConnection): readonly string[] => {
  const isFine = protocols.every((name) => token.test(name)) && new Set(protocols).size === protocols.length
  if (isFine && protocols.length <= protocolCap) return protocols
  throw new EgressError(
    'egress.header-refused',
    `subprotocols are up to ${protocolCap} different plain names`,
  )
}

/** Opens WebSockets, each to the checked addresses of a granted host, and counts it as its caller's until it is closed. */
export const guardedConnect = (options: GuardedConnectOptions): Egress['connect'] => {
  const { clock, resolve, ca, callers, stopped } = options
  return async (connection, policy) => {
    connection.signal.throwIfAborted()
    const limits = limitsOf(policy)
    const { timeoutMs, messageBytes } = limits
    const target = parseTarget(connection.url, ['wss'])
    const protocols = checkProtocols(connection)
    checkGranted(policy.grants, target, 'GET')
    const place = callers.take(policy, limits, 'sockets')
    const open = async (signal: AbortSignal): Promise<EgressSocket> => {
      const rules = { resolve, allowPrivate: policy.allowPrivate ?? false }
      const { addresses, isPrivate } = await abortable(checkedAddresses(target.host, rules), signal)
      const secrets = secretsFor(policy.secrets ?? [], target, isPrivate)
      const mask = maskOf(secrets.map(({ value }) => value))
      const headers = withSecrets({}, secrets)
      const handshake = { target, addresses, protocols, headers, messageBytes, ca, signal }
      return openSocket(handshake, (socket) => {
        socket.once('close', () => place[Symbol.dispose]())
        return messageSocket(socket, { bucket: place.caller.bucket, mask, clock, messageBytes, signal })
      })
    }
    try {
      const signal = AbortSignal.any([connection.signal, stopped])
      return await within({ clock, timeoutMs, signal }, open)
    } catch (error) {
      place[Symbol.dispose]()
      throw error
    }
  }
}

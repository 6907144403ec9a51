import { AppError, type CallContext, type EgressSocket, PluginError } from '@covent/core'
import * as z from 'zod'
import { type BrokerMethod, lifeOf, type MethodRequest } from '../broker-method.ts'
import type { WayOut } from '../broker-http.ts'
import { denialCodes, type Refusal, refused, requested } from '../network-denials.ts'
import { networkPolicy, type NetworkSettings, type SecretUse } from '../network-policy.ts'

const permission = 'net:outbound:websocket' as const
const socket = z.int().nonnegative()
const params = {
  connect: z.strictObject({
    url: z.string().max(8_192),
    protocols: z.array(z.string().max(64)).max(8).optional(),
  }),
  send: z.strictObject({ socket, message: z.union([z.string(), z.instanceof(Uint8Array)]) }),
  socket: z.strictObject({ socket }),
}

const parse = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  throw new PluginError('plugin.input-invalid', `ctx.ws: ${path.map(String).join('.')}: ${message}`)
}

/** Connections of the calls that opened them; no other call reaches them. */
const openSockets = () => {
  const sockets = new WeakMap<CallContext, EgressSocket[]>()
  return {
    add(call: CallContext, opened: EgressSocket): number {
      const own = sockets.get(call) ?? []
      sockets.set(call, own)
      return own.push(opened) - 1
    },
    find(call: CallContext, number: number): EgressSocket {
      const found = sockets.get(call)?.[number]
      if (found !== undefined) return found
      throw new PluginError('plugin.input-invalid', 'ctx.ws: this call opened no such connection')
    },
  }
}

interface SocketMethodsOptions extends WayOut {
  readonly settings: NetworkSettings
  readonly used: SecretUse
}

/** `ctx.ws`, on the host's side. A connection ends with the call that opened it. */
export const socketMethods = ({
  egress,
  secrets,
  settings,
  used,
}: SocketMethodsOptions): Readonly<Record<string, BrokerMethod>> => {
  const opened = openSockets()
  const connect = async (request: MethodRequest) => {
    const { asker, call, params: raw, deny } = request
    const { url, protocols = [] } = parse(params.connect, raw)
    const policy = await networkPolicy(asker, { secrets, settings, deny, used })
    try {
      const connected = await egress.connect({ url, protocols, signal: lifeOf(request) }, policy)
      return { socket: opened.add(call, connected), protocol: connected.protocol }
    } catch (error) {
      if (!AppError.is(error) || !denialCodes.includes(error.code)) throw error
      throw deny(refused(asker.id, error.code, { scheme: 'wss', ...(error.data as Refusal) }))
    }
  }
  return {
    'ws.connect': { permission, wanted: (raw) => requested(raw, 'ws'), run: connect },
    'ws.send': {
      permission,
      async run({ call, params: raw }) {
        const { socket, message } = parse(params.send, raw)
        await opened.find(call, socket).send(message)
      },
    },
    'ws.receive': {
      permission,
      async run({ call, params: raw }) {
        return opened.find(call, parse(params.socket, raw).socket).receive()
      },
    },
    'ws.close': {
      permission,
      async run({ call, params: raw }) {
        opened.find(call, parse(params.socket, raw).socket).close()
      },
    },
  }
}

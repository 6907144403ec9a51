import type { WebSocketConnection, WebSockets } from '@covent/plugin-sdk'

type Ask = (method: string, params: object) => Promise<unknown>
type Message = string | Uint8Array

const messagesOf = async function* (ask: Ask, socket: number): AsyncGenerator<Message> {
  try {
    for (;;) {
      const messages = (await ask('ws.receive', { socket })) as readonly Message[]
      if (messages.length === 0) return
      yield* messages
    }
  } finally {
    await ask('ws.close', { socket }).catch(() => {}) // it ends with the call anyway
  }
}

/** The plugin's side of `ctx.ws`: the host holds the connection, and reads no more than is asked for. */
export const webSockets = (ask: Ask): WebSockets<string> => ({
  async connect(url, { protocols } = {}): Promise<WebSocketConnection> {
    const { socket, protocol } = (await ask('ws.connect', { url, protocols })) as {
      readonly socket: number
      readonly protocol: string
    }
    return {
      protocol,
      send: async (message) => void (await ask('ws.send', { socket, message })),
      messages: messagesOf(ask, socket),
      close: async () => void (await ask('ws.close', { socket })),
    }
  },
})

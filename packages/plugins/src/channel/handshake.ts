import { PluginError } from '@covent/core'
import { type GuestMessage, type HostMessage, sourceChunkBytes } from '@covent/plugin-sdk/protocol'
import { escapeControls } from './output-lines.ts'

type StartMessage = Extract<GuestMessage, { kind: 'hello' | 'described' | 'broken' }>

/** The first messages of a sandbox, each of which may come once: it greets, gets the source, and describes itself. */
export interface Handshake {
  /** Throws for a message out of turn. */
  receive(message: StartMessage): void
  load(source: string): Promise<unknown>
  fail(error: PluginError): void
}

export const handshake = (name: string, send: (message: HostMessage) => void): Handshake => {
  const greeted = Promise.withResolvers<void>()
  const described = Promise.withResolvers<unknown>()
  let expected: 'hello' | 'description' | 'nothing' = 'hello'
  greeted.promise.catch(() => {}) // `load` may never be called, or not wait any more, when the process ends
  described.promise.catch(() => {})

  const expect = (kind: typeof expected): void => {
    if (expected !== kind) throw new Error('it spoke out of turn')
    expected = 'nothing'
  }
  return {
    receive(message) {
      expect(message.kind === 'hello' ? 'hello' : 'description')
      if (message.kind === 'hello') return greeted.resolve()
      if (message.kind === 'described') return described.resolve(message.manifest)
      const words = escapeControls(message.message)
      described.reject(new PluginError('plugin.invalid', `${name} cannot be loaded: ${words}`))
    },
    async load(source) {
      await greeted.promise
      expected = 'description'
      sendSource(new TextEncoder().encode(source), send)
      return described.promise
    },
    fail(error) {
      greeted.reject(error)
      described.reject(error)
    },
  }
}

const sendSource = (source: Uint8Array<ArrayBuffer>, send: (message: HostMessage) => void): void => {
  for (let at = 0; at === 0 || at < source.length; at += sourceChunkBytes) {
    const end = at + sourceChunkBytes
    send({ kind: 'source', chunk: source.subarray(at, end), last: end >= source.length })
  }
}

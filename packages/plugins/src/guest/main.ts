import { z } from '@covent/plugin-sdk'
import { describePlugin } from '@covent/plugin-sdk/manifest'
import type { HostMessage } from '@covent/plugin-sdk/protocol'
import { brokerRequests } from './broker-requests.ts'
import { callContext } from './call-context.ts'
import { connect } from './connection.ts'
import { loadPlugin } from './load-plugin.ts'
import { place } from './place.ts'
import type { Outcome } from './run-call.ts'
import { rehearsal } from './rehearse.ts'
import { type Hosted, runPart } from './run-part.ts'

type CallMessage = Extract<HostMessage, { kind: 'call' }>

z.config({ jitless: true })
for (const name of place.clutter) delete process.env[name]

const chunks: Uint8Array[] = []
const running = new Map<number, AbortController>()
let hosted: Hosted | undefined
let grants: ReadonlySet<string> = new Set()
let stopping = false

const describe = async (): Promise<void> => {
  try {
    const plugin = await loadPlugin(Buffer.concat(chunks).toString())
    hosted = { plugin, config: {}, services: new Set() }
    connection.send({ kind: 'described', manifest: describePlugin(plugin) })
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    connection.send({ kind: 'broken', message: message.slice(0, 4_000) })
  }
}

const exitWhenIdle = (): void => {
  if (stopping && running.size === 0) place.leave()
}

const answer = (id: number, outcome: Outcome): void => {
  try {
    if ('error' in outcome) connection.send({ kind: 'failure', id, error: outcome.error })
    else connection.send({ kind: 'result', id, output: outcome.output })
  } catch (error) {
    const message = `the output cannot be sent: ${String(error)}`
    connection.send({ kind: 'failure', id, error: { code: 'plugin.output-invalid', message } })
  }
}

const call = async (message: CallMessage): Promise<void> => {
  const { id, call } = message
  const controller = new AbortController()
  running.set(id, controller)
  const context = () =>
    callContext(
      { ...hosted!, grants: () => grants, connection, broker },
      { id, call, signal: controller.signal },
    )
  const ask = (method: string, params: object) => broker.ask(id, method, params)
  const outcome = await runPart(hosted!, message, { context, ask })
  running.delete(id)
  broker.end(id)
  answer(id, outcome)
  exitWhenIdle()
}

const stop = (): void => {
  stopping = true
  for (const controller of running.values()) controller.abort(new Error('the plugin is being unloaded'))
  exitWhenIdle()
}

const receive = (message: HostMessage): void => {
  switch (message.kind) {
    case 'source':
      callOff()
      chunks.push(message.chunk)
      if (message.last) void describe()
      return
    case 'start':
    case 'grants':
      grants = new Set(message.grants)
      return
    case 'call':
      void call(message)
      return
    case 'cancel':
      running.get(message.id)?.abort(new Error(message.reason))
      return
    case 'reply':
      broker.reply(message)
      return
    case 'refusal':
      broker.refuse(message)
      return
    case 'ping':
      connection.send({ kind: 'pong', n: message.n })
      return
    case 'stop':
      stop()
  }
}

const connection = connect(receive)
const broker = brokerRequests(connection)
const callOff = rehearsal()
connection.send({ kind: 'hello', protocol: 1 })

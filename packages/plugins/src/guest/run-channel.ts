import type { DeliveredMessage, Plugin } from '@covent/plugin-sdk'
import { type Ask, own, type Wanted, type Work } from './component.ts'

type Channels = Plugin['definition']['channels']
type Channel = NonNullable<Channels>[string]

/** Stays open, so that the context holds, until the host gives the call up. */
const open =
  (channel: Channel, ask: Ask): Work =>
  async (context) => {
    const deliver = async (message: DeliveredMessage) => void (await ask('channel.deliver', message))
    await channel.start({ ...context, deliver } as never)
    await ask('channel.started', {})
    return new Promise(() => {})
  }

/** What `<channel>/<act>` stands for. */
export const channelWork = (channels: Channels, { action, input }: Wanted, ask: Ask): Work | undefined => {
  const [name = '', act] = action.split('/')
  const channel = own(channels, name)
  if (channel === undefined) return undefined
  switch (act) {
    case 'start':
      return open(channel, ask)
    case 'stop':
      return (context) => channel.stop(context as never)
    case 'send':
      return (context) => channel.send(input as never, context as never)
    case 'connected':
      return (context) => channel.connected(context as never)
    default:
      return undefined
  }
}

import * as z from 'zod'

/** What goes over the wire: events of one replica, in the order of their emits. */
const envelope = z.object({
  v: z.literal(1),
  from: z.string().min(1).max(100),
  /** Counts the envelopes of this sender from 1, also those that could not be sent. */
  n: z.int().min(1),
  /** When it was sent, by the sender's clock. */
  at: z.number(),
  events: z.array(z.tuple([z.string(), z.unknown()])),
})
export type Envelope = z.output<typeof envelope>

export interface EnvelopeHead {
  readonly from: string
  readonly n: number
  readonly at: number
}

/** The text of one event, for `sealed`. Undefined for what JSON cannot say. */
export const eventText = (type: string, payload: unknown): string | undefined => {
  try {
    return JSON.stringify([type, payload])
  } catch {
    return undefined // a cycle or a bigint: the caller counts it
  }
}

export const sealed = ({ from, n, at }: EnvelopeHead, events: readonly string[]): string =>
  `{"v":1,"from":${JSON.stringify(from)},"n":${n},"at":${at},"events":[${events.join(',')}]}`

/** Undefined for bytes that are no envelope of this version. */
export const opened = (text: string): Envelope | undefined => {
  try {
    return envelope.safeParse(JSON.parse(text)).data
  } catch {
    return undefined // no JSON
  }
}

import { type Plugin, z } from '@covent/plugin-sdk'

/** `ctx.emit`: parses at once, so that its caller hears of a payload that does not fit, and tells the host. */
export const emitter =
  ({ emits = {} }: Plugin['definition'], ask: (params: object) => Promise<unknown>) =>
  (name: string, payload: unknown): void => {
    const schema = Object.hasOwn(emits, name) ? emits[name] : undefined
    if (schema === undefined) throw new Error(`${name} is not declared under emits`)
    const parsed = schema.safeParse(payload)
    if (!parsed.success) throw new Error(`${name}: ${z.prettifyError(parsed.error)}`)
    ask({ name, payload: parsed.data }).catch(() => {}) // the host logs what it refuses
  }

import { type Plugin, z } from '@covent/plugin-sdk'

type Dependencies = NonNullable<Plugin['definition']['services']>
type Ask = (method: string, params: object) => Promise<unknown>

const clientOf = (name: string, { contract }: Dependencies[string], ask: Ask): object =>
  Object.fromEntries(
    Object.entries(contract.methods).map(([method, { output }]) => [
      method,
      async (input: unknown, { timeoutMs }: { readonly timeoutMs?: number } = {}) => {
        const answer = await ask('services.call', { name, method, input, timeoutMs })
        const parsed = await output.safeParseAsync(answer)
        if (parsed.success) return parsed.data
        throw new Error(`${contract.id} ${method}: ${z.prettifyError(parsed.error)}`)
      },
    ]),
  )

/** `ctx.services`: a client for each declared service that is there. */
export const serviceClients = (
  services: Dependencies = {},
  present: ReadonlySet<string>,
  ask: Ask,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(services).map(([name, dependency]) => [
      name,
      present.has(name) ? clientOf(name, dependency, ask) : undefined,
    ]),
  )

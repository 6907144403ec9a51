import type * as z from 'zod'

export interface MethodSchemas {
  readonly input: z.ZodType
  readonly output: z.ZodType
}

/** What one plugin offers to others: methods by name, of one version. It is shared as source: each side holds its own copy. */
export interface ServiceContract<M extends Record<string, MethodSchemas> = Record<string, MethodSchemas>> {
  /** Namespaced: `acme.geo`. */
  readonly id: string
  readonly version: string
  readonly methods: M
}

export interface Dependency<S extends ServiceContract = ServiceContract, Optional extends boolean = boolean> {
  readonly contract: S
  /** As npm writes them: `^1.2.0`, `~1.2.0`, `>=1.2 <3`. */
  readonly range: string
  readonly optional: Optional
}

export const defineService = <M extends Record<string, MethodSchemas>>(
  id: `${string}.${string}`,
  version: `${number}.${number}.${number}`,
  methods: M,
): ServiceContract<M> => ({ id, version, methods })

/** A service without which the plugin does not start. */
export const uses = <S extends ServiceContract>(contract: S, range: string): Dependency<S, false> => ({
  contract,
  range,
  optional: false,
})

/** A service that may be missing; then its client is undefined. */
export const mayUse = <S extends ServiceContract>(contract: S, range: string): Dependency<S, true> => ({
  contract,
  range,
  optional: true,
})

/** Calls go through the host. They reject where the service is not running, refuses the input, or is late. */
export type ServiceClient<S extends ServiceContract> = {
  readonly [K in keyof S['methods']]: (
    input: z.input<S['methods'][K]['input']>,
    /** 10,000 ms when absent, 60,000 at most. */
    options?: { readonly timeoutMs?: number },
  ) => Promise<z.output<S['methods'][K]['output']>>
}

export type ServiceClients<D> = {
  readonly [K in keyof D]: D[K] extends Dependency<infer S, infer Optional>
    ? Optional extends true
      ? ServiceClient<S> | undefined
      : ServiceClient<S>
    : never
}

/** What a plugin does for those who call its service. */
export type ServiceMethods<S extends ServiceContract, C> = {
  readonly [K in keyof S['methods']]: (
    input: z.output<S['methods'][K]['input']>,
    context: C,
  ) => Promise<z.input<S['methods'][K]['output']>>
}

export interface ProvidedService<S extends ServiceContract, C> {
  readonly contract: S
  readonly methods: ServiceMethods<S, C>
}

import type { Token } from '@covent/core'
import { ContainerModule } from 'inversify'

type Made<D extends readonly Token<unknown>[]> = { [K in keyof D]: D[K] extends Token<infer S> ? S : never }

/**
 * Replaces one service: for tests, and for teams that bring their own. `make` gets the services that `needs` names.
 * Place it after the module that binds the token; a token that nothing binds is refused.
 */
export const swap = <T, const D extends readonly Token<unknown>[] = []>(
  token: Token<T>,
  make: (...needs: Made<D>) => T,
  needs?: D,
): ContainerModule =>
  new ContainerModule(({ isBound, rebind }) => {
    if (!isBound(token)) {
      throw new Error(
        `nothing provides ${String(token)}, so it cannot be swapped; place the swap after its module`,
      )
    }
    rebind(token).toResolvedValue(make as (...all: unknown[]) => T, [...(needs ?? [])] as never)
  })

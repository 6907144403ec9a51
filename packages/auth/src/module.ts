import { ApiKeys, Authenticator, Clock, Policy, Stores } from '@covent/core'
import { ContainerModule } from 'inversify'
import { apiKeys } from './api-keys.ts'
import { authenticator } from './authenticator.ts'
import { policy } from './policy.ts'

/** Binds `Authenticator`, `ApiKeys` and `Policy`. */
export const authModule = (): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(Authenticator).toResolvedValue((stores, clock) => authenticator(stores.keys, clock), [Stores, Clock])
    bind(ApiKeys).toResolvedValue((stores, clock) => apiKeys(stores.keys, clock), [Stores, Clock])
    bind(Policy).toResolvedValue(policy)
  })

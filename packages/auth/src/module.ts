import {
  ApiKeys,
  Authenticator,
  Clock,
  Devices,
  KeyRing,
  type KeyStore,
  Policy,
  SecondFactors,
  Sessions,
  Stores,
  Tickets,
  type Token,
  token,
} from '@covent/core'
import { ContainerModule } from 'inversify'
import { apiKeys } from './api-keys.ts'
import { authenticator } from './authenticator.ts'
import { devices } from './devices/devices.ts'
import { secondFactors } from './devices/second-factors.ts'
import { sessions } from './devices/sessions.ts'
import { policy } from './policy.ts'
import { recentKeys } from './recent-keys.ts'
import { tickets } from './tickets.ts'

/** One for both that use it, so that a revocation is seen at once. */
const Keys: Token<KeyStore> = token('auth.Keys')

/** Binds `Authenticator`, `ApiKeys`, `Devices`, `Sessions`, `SecondFactors`, `Tickets` and `Policy`. */
export const authModule = (): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(Keys).toResolvedValue((stores, clock) => recentKeys(stores.keys, clock), [Stores, Clock])
    bind(Authenticator).toResolvedValue(authenticator, [Keys, Clock])
    bind(ApiKeys).toResolvedValue(apiKeys, [Keys, Clock])
    bind(Devices).toResolvedValue(devices, [Stores, KeyRing, Clock])
    bind(Sessions).toResolvedValue(sessions, [Stores, KeyRing, Clock])
    bind(SecondFactors).toResolvedValue(secondFactors, [Stores, KeyRing, Clock])
    bind(Tickets).toResolvedValue(tickets, [KeyRing, Clock])
    bind(Policy).toResolvedValue(policy)
  })

import { Clock, Egress, Lifecycle } from '@covent/core'
import { ContainerModule } from 'inversify'
import { guardedFetch } from './guarded-fetch.ts'

/** Binds `Egress`. */
export const egressModule = (): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(Egress).toResolvedValue(
      (clock, lifecycle) => lifecycle.add(guardedFetch({ clock })),
      [Clock, Lifecycle],
    )
  })

import { AsyncLocalStorage } from 'node:async_hooks'
import type { ContextFields, RequestContext } from '@covent/core'

/** The context of the work in hand, kept across awaits by Node. */
export const requestContext = (): RequestContext => {
  const storage = new AsyncLocalStorage<ContextFields>()
  return {
    run(fields, work) {
      const outer = storage.getStore()
      return storage.run(outer === undefined ? fields : { ...outer, ...fields }, work)
    },
    current: () => storage.getStore(),
  }
}

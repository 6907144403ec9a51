import 'reflect-metadata'
import { Lifecycle, type Service, type Token } from '@covent/core'
import { Container, type ContainerModule } from 'inversify'

export interface App {
  get<T>(token: Token<T>): T
  /** Makes the roots with all they need and starts every service, in the order of making. */
  start(): Promise<void>
  /** Stops what has started, in the opposite order; failures are gathered into one AggregateError. */
  stop(): Promise<void>
}

/** Composes an app: modules bind services, `roots` are those to make at start. A later module may swap an earlier one's. */
export const compose = async (
  roots: readonly Token<unknown>[],
  ...modules: readonly ContainerModule[]
): Promise<App> => {
  const { lifecycle, start, stop } = orderedServices()
  const container = new Container({ defaultScope: 'Singleton', jitless: true })
  container.bind(Lifecycle).toConstantValue(lifecycle)
  // One by one: a swap must find what it replaces.
  for (const module of modules) await container.loadAsync(module)
  return {
    get: (token) => container.get(token),
    async start() {
      for (const root of roots) container.get(root)
      await start()
    },
    stop,
  }
}

const orderedServices = (): { lifecycle: Lifecycle; start(): Promise<void>; stop(): Promise<void> } => {
  const services: Service[] = []
  const started: Service[] = []
  const stop = async (): Promise<void> => {
    const failures: unknown[] = []
    for (const service of started.splice(0).toReversed()) {
      await service.stop?.().catch((cause: unknown) => failures.push(cause))
    }
    if (failures.length > 0) throw new AggregateError(failures, 'some services did not stop')
  }
  const start = async (): Promise<void> => {
    try {
      for (const service of services) {
        started.push(service)
        await service.start?.()
      }
    } catch (cause) {
      // The failure to start is what the caller must see; those of the way back are beside it.
      await stop().catch((failure: unknown) => Object.assign(cause as object, { stopFailure: failure }))
      throw cause
    }
  }
  const lifecycle: Lifecycle = {
    add: (service) => {
      services.push(service)
      return service
    },
  }
  return { lifecycle, start, stop }
}

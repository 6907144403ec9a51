import { Clock, HealthRegistry, Lifecycle, Logger, Metrics, RequestContext, systemClock } from '@covent/core'
import { ContainerModule } from 'inversify'
import type { LogConfig } from './config.ts'
import { healthRegistry } from './health-registry.ts'
import { metricsRegistry } from './metrics-registry.ts'
import { pinoLogger, type PinoLoggerOptions } from './pino-logger.ts'
import { requestContext } from './request-context.ts'

export interface TelemetryModuleOptions extends Pick<
  PinoLoggerOptions,
  'pretty' | 'destination' | 'version'
> {
  readonly log: LogConfig
}

/** Binds `Logger`, `RequestContext`, `Metrics`, `HealthRegistry` and `Clock`. Make `Logger` the first root: then it stops last. */
export const telemetryModule = ({ log, ...options }: TelemetryModuleOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(Clock).toConstantValue(systemClock)
    bind(RequestContext).toResolvedValue(requestContext)
    bind(Metrics).toResolvedValue(() => metricsRegistry())
    bind(HealthRegistry).toResolvedValue((clock) => healthRegistry({ clock }), [Clock])
    bind(Logger).toResolvedValue(
      (lifecycle, context, clock) =>
        lifecycle.add(pinoLogger({ level: log.level, context, clock, ...options })),
      [Lifecycle, RequestContext, Clock],
    )
  })

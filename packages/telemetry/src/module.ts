import {
  Clock,
  HealthRegistry,
  Lifecycle,
  Logger,
  Metrics,
  RequestContext,
  SecretMask,
  systemClock,
} from '@covent/core'
import { ContainerModule } from 'inversify'
import type { LogConfig } from './config.ts'
import { healthRegistry } from './health-registry.ts'
import { metricsRegistry } from './metrics-registry.ts'
import { pinoLogger, type PinoLoggerOptions } from './pino-logger.ts'
import { requestContext } from './request-context.ts'
import { secretMask } from './mask/secret-mask.ts'

export interface TelemetryModuleOptions extends Pick<
  PinoLoggerOptions,
  'pretty' | 'destination' | 'version'
> {
  readonly log: LogConfig
}

/** Binds `Logger`, `RequestContext`, `SecretMask`, `Metrics`, `HealthRegistry` and `Clock`. Make `Logger` the first root: then it stops last. */
export const telemetryModule = ({ log, ...options }: TelemetryModuleOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(Clock).toConstantValue(systemClock)
    bind(RequestContext).toResolvedValue(requestContext)
    bind(SecretMask).toResolvedValue(secretMask)
    bind(Metrics).toResolvedValue(() => metricsRegistry())
    bind(HealthRegistry).toResolvedValue((clock) => healthRegistry({ clock }), [Clock])
    bind(Logger).toResolvedValue(
      // oxlint-disable-next-line max-params -- one argument for each token of the list below
      (lifecycle, context, mask, clock) =>
        lifecycle.add(pinoLogger({ level: log.level, context, mask, clock, ...options })),
      [Lifecycle, RequestContext, SecretMask, Clock],
    )
  })

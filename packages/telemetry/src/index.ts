export { secretMask } from './mask/secret-mask.ts'
export { healthRegistry, type HealthRegistryOptions } from './health-registry.ts'
export {
  type Distribution,
  type MetricFamily,
  metricsRegistry,
  type MetricsRegistry,
  type MetricsRegistryOptions,
  type Series,
} from './metrics-registry.ts'
export { pinoLogger, type PinoLogger, type PinoLoggerOptions } from './pino-logger.ts'
export { requestContext } from './request-context.ts'

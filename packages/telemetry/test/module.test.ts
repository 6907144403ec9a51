import { Clock, HealthRegistry, Lifecycle, Logger, Metrics, RequestContext, type Service } from '@covent/core'
import { logConfig } from '@covent/telemetry/config'
import { telemetryModule } from '@covent/telemetry/module'
// oxlint-disable-next-line no-restricted-imports -- a module is tested in a container
import { Container } from 'inversify'
import { expect, it } from 'vitest'

it('the telemetry module binds its services, and the logger writes with the context that it binds', async () => {
  const lines: string[] = []
  const services: Service[] = []
  const container = new Container({ defaultScope: 'Singleton', jitless: true })
  container.bind(Lifecycle).toConstantValue({ add: (service) => (services.push(service), service) })
  const destination = { write: (line: string) => void lines.push(line) }
  container.load(telemetryModule({ log: logConfig.parse({}), destination }))
  container.get(RequestContext).run({ requestId: 'req_1' }, () => container.get(Logger).info('hello'))
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'info', requestId: 'req_1', msg: 'hello' })
  expect(services.map(({ name }) => name)).toEqual(['logger'])
  container.get(Metrics).count('a_total')
  expect(container.get(HealthRegistry).report()).toBeInstanceOf(Promise)
  expect(container.get(Clock).now()).toBeGreaterThan(0)
})

it('log settings refuse unknown keys and levels', () => {
  expect(logConfig.safeParse({ level: 'loud' }).success).toBe(false)
  expect(logConfig.safeParse({ levle: 'info' }).success).toBe(false)
})

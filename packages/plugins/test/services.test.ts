import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { bundle, example, startHost } from './start-host.ts'

interface Made {
  /** Services that it needs: name → `id range`, or `id range?` where it may be missing. */
  readonly uses?: Readonly<Record<string, string>>
  /** The service that it offers, `id version`. */
  readonly provides?: string
  readonly body?: string
  readonly method?: string
}

/** A plugin that calls the method `echo` of what it needs, and offers one of its own. */
const made = (id: string, { uses = {}, provides, body = `return 'ok'`, method = `return input` }: Made) => {
  const contract = (service: string, version: string) =>
    `defineService('${service}', '${version}', { echo: { input: z.object({ n: z.any() }), output: z.object({ n: z.any() }) } })`
  const needs = Object.entries(uses).map(([name, wanted]) => {
    const [service = '', range = ''] = wanted.split(' ')
    const use = range.endsWith('?') ? 'mayUse' : 'uses'
    return `${name}: ${use}(${contract(service, '1.0.0')}, '${range.replace('?', '')}')`
  })
  const [service = '', version = ''] = (provides ?? '').split(' ')
  const offers = `provides: { own: { contract: ${contract(service, version)}, methods: { async echo(input, ctx) { ${method} } } } },`
  return bundle(
    id.replaceAll('.', '-'),
    `import { definePlugin, defineService, mayUse, uses, z } from '@covent/plugin-sdk'
    export default definePlugin({ id: '${id}', version: '1.0.0', type: 'extension', description: 'Made for a test.',
      services: { ${needs.join(', ')} }, ${provides === undefined ? '' : offers}
      onError(failure) { globalThis.failure = failure },
      actions: { run: { description: 'x', effect: 'read', input: z.any(), output: z.any(), async run(input, ctx) { ${body} } } },
    })`,
  )
}
const geo = (more: Made = {}) => made('acme.geo', { provides: 'acme.geo 1.2.0', ...more })
const caller = (more: Made = {}) =>
  made('acme.caller', {
    uses: { geo: 'acme.geo ^1.0.0' },
    body: `return ctx.services.geo.echo(input)`,
    ...more,
  })
const reasons = async (...bundled: readonly ReturnType<typeof made>[]) => {
  const { host } = await startHost({ bundled })
  return Object.fromEntries(host.list().map(({ id, state, reason }) => [id, reason ?? state]))
}

describeWith('bubblewrap', 'services of plugins', () => {
  it('lets one example use another, in any order of loading', async () => {
    const { call } = await startHost({
      bundled: [example('greeter'), example('translator')],
      plugins: { config: { 'covent.greeter': { language: 'de' } } },
    })
    expect(await call('covent.greeter', 'greet', { name: 'Ada' })).toEqual({ text: 'Hallo, Ada!' })
    expect(await call('covent.greeter', 'greet', { name: 'Ada', language: 'fr' })).toEqual({
      text: 'Bonjour, Ada!',
    })
  })

  it('starts what is needed first', async () => {
    const bundled = [
      caller(),
      geo({ uses: { base: 'acme.base ^1.0.0' } }),
      made('acme.base', { provides: 'acme.base 1.0.0' }),
    ]
    const { events } = await startHost({ bundled })
    const loaded = events.flatMap(({ type, payload }) =>
      type === 'plugin.loaded' ? [(payload as { readonly plugin: string }).plugin] : [],
    )
    expect(loaded).toEqual(['acme.base', 'acme.geo', 'acme.caller'])
  })

  it('refuses what is missing, does not fit, or goes in a circle, and prints the chain', async () => {
    expect(await reasons(caller())).toEqual({
      'acme.caller': 'acme.caller needs acme.geo ^1.0.0, which no plugin provides',
    })
    const old = await reasons(caller({ uses: { geo: 'acme.geo ^2.0.0' } }), geo())
    expect(old['acme.caller']).toBe('acme.caller needs acme.geo ^2.0.0, of which acme.geo provides 1.2.0')
    const deep = await reasons(caller(), geo({ uses: { base: 'acme.base ^1.0.0' } }))
    expect(deep['acme.geo']).toBe('acme.geo needs acme.base ^1.0.0, which no plugin provides')
    expect(deep['acme.caller']).toMatch(/^acme\.caller (→|needs)/)
    const circle = await reasons(
      caller({ provides: 'acme.back 1.0.0' }),
      geo({ uses: { back: 'acme.back ^1.0.0' } }),
    )
    expect(circle).toEqual({
      'acme.caller': 'plugins need each other: acme.caller → acme.geo → acme.caller',
      'acme.geo': 'plugins need each other: acme.geo → acme.caller → acme.geo',
    })
  })

  it('leaves a service undefined that may be missing, and gives it where it is', async () => {
    const optional = caller({
      uses: { geo: 'acme.geo ^1.0.0?' },
      body: `return ctx.services.geo === undefined ? 'alone' : ctx.services.geo.echo(input)`,
    })
    const alone = await startHost({ bundled: [optional] })
    expect(await alone.call('acme.caller', 'run', { n: 1 })).toBe('alone')
    const both = await startHost({ bundled: [optional, geo()] })
    expect(await both.call('acme.caller', 'run', { n: 1 })).toEqual({ n: 1 })
  })

  it('checks inputs and outputs on the host, and tells the one that failed', async () => {
    const body = `return ctx.services.geo.echo(input).catch((error) => error.message)`
    const wrong = geo({ method: `throw new Error('no map')`, body: `return globalThis.failure` })
    const { call } = await startHost({ bundled: [caller({ body }), wrong] })
    expect(await call('acme.caller', 'run', { n: 1 })).toBe('acme.geo: no map')
    await expect
      .poll(() => call('acme.geo', 'run'))
      .toMatchObject({ where: 'service/acme.geo/echo', code: 'plugin.action-failed' })
    expect(await call('acme.caller', 'run', 'nothing')).toMatch(/acme\.geo\/echo: .*expected object/)
  })

  it('gives up a service that hangs, at the deadline of its caller', async () => {
    const body = `return ctx.services.geo.echo(input, { timeoutMs: 200 }).catch((error) => error.message)`
    const { call, host } = await startHost({
      bundled: [caller({ body }), geo({ method: 'return new Promise(() => {})' })],
    })
    expect(await call('acme.caller', 'run', { n: 1 })).toMatch(/did not answer within 200 ms/)
    expect(host.list().map(({ state }) => state)).toEqual(['ready', 'ready'])
  })

  it('gives a service up when the call that wanted it ends', async () => {
    const method = `await new Promise((_, fail) => {
      globalThis.state = 'asked'
      ctx.signal.addEventListener('abort', () => { globalThis.state = 'given up'; fail(new Error('given up')) })
    })`
    const bundled = [caller(), geo({ method, body: `return globalThis.state ?? 'idle'` })]
    const { host, call } = await startHost({ bundled })
    const ending = new AbortController()
    const context = { callId: 'call_x', turnId: 'turn_1', principalId: 'anna', character: 'default' }
    const invocation = { plugin: 'acme.caller', action: 'run', input: { n: 1 }, call: context }
    const asked = host.invoke(invocation, { signal: ending.signal }).catch(() => 'ended')
    await expect.poll(() => call('acme.geo', 'run')).toBe('asked')
    ending.abort(new Error('nobody waits'))
    expect(await asked).toBe('ended')
    await expect.poll(() => call('acme.geo', 'run')).toBe('given up')
  })

  it('refuses a service that the manifest does not declare', async () => {
    // The guest would not make the client; the plugin writes the request to the channel itself.
    const grab = `const fs = process.getBuiltinModule('node:fs')
      const text = (value) => [0xa0 | value.length, ...Buffer.from(value)]
      const body = [0x85, text('kind'), text('request'), text('call'), 0, text('n'), 0, text('method'), text('services.call'), text('params'), 0x82, text('name'), text('geo'), text('method'), text('echo')].flat()
      fs.writeSync(3, Buffer.from([0, 0, 0, body.length, ...body]))
      await new Promise((done) => setTimeout(done, 200))
      return 'asked'`
    const { call, audited, events } = await startHost({
      bundled: [made('acme.grabber', { body: grab }), geo()],
    })
    expect(await call('acme.grabber', 'run')).toBe('asked')
    expect(audited.find(({ action }) => action === 'services.call')).toMatchObject({
      target: 'geo',
      outcome: 'denied',
    })
    expect(events.at(-1)).toMatchObject({
      type: 'plugin.permission-denied',
      payload: { plugin: 'acme.grabber', allowedBy: expect.stringMatching(/"geo".*under uses/) as string },
    })
  })

  it('does not let plugins call each other without end', async () => {
    const back = `return ctx.services.geo.echo(input)`
    const bundled = [
      caller({ provides: 'acme.back 1.0.0', method: back, body: `${back}.catch((error) => error.message)` }),
      geo({ uses: { back: 'acme.back ^1.0.0?' }, method: `return ctx.services.back.echo(input)` }),
    ]
    const { call } = await startHost({ bundled })
    expect(await call('acme.caller', 'run', { n: 1 })).toMatch(/too deep/)
  })
})

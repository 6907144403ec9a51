import { execFile } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { serverProcess, temporaryFolder } from '../packages/testing/src/index.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { overSocket } from '../apps/server/test/e2e/support.ts'
import { link, packAll, root, stage } from './support/tarballs.ts'

const node = promisify(execFile)
const staged: string[] = []
const alone = async (...names: string[]): Promise<string> => {
  const project = await stage(names)
  staged.push(project)
  return project
}
const runs = async (project: string, program: string): Promise<string> => {
  writeFileSync(join(project, 'main.mjs'), program)
  const env = { ...process.env, NODE_PATH: '' }
  return (await node(process.execPath, ['main.mjs'], { cwd: project, env })).stdout.trim()
}

beforeAll(() => packAll(), 60_000)
afterAll(() => staged.forEach((project) => rmSync(project, { recursive: true, force: true })))

/** Each package's own work in a few lines, as a team would use it that takes this package and no other. */
const programs: Readonly<Record<string, readonly [program: string, says: RegExp]>> = {
  core: [
    `import { AppError, newId, PluginError } from '@covent/core'
    console.log(AppError.is(new PluginError('plugin.timeout', 'late'), 'plugin.timeout'), newId('msg', 0))`,
    /^true msg_0000000000/,
  ],
  events: [
    `import { memoryEventBus } from '@covent/events'
    const bus = memoryEventBus()
    bus.on('greeted', (name) => console.log('hello', name))
    bus.emit('greeted', 'Ada')`,
    /^hello Ada$/,
  ],
  audit: [
    `import { memoryAuditLog } from '@covent/audit'
    const audit = memoryAuditLog({ clock: Date })
    audit.note({ actor: { kind: 'plugin', id: 'a.b' }, action: 'http.fetch', outcome: 'denied' })
    console.log((await audit.list({ limit: 1, from: 'end' })).items[0].action)`,
    /^http\.fetch$/,
  ],
  egress: [
    `import { guardedFetch } from '@covent/egress'
    import { systemClock } from '@covent/core'
    const egress = guardedFetch({ clock: systemClock })
    const policy = { caller: 'a', grants: [{ scheme: 'https', host: 'example.com' }] }
    await egress.fetch({ url: 'https://elsewhere.org/', method: 'GET' }, policy).catch((error) => console.log(error.code))`,
    /^egress\./,
  ],
  telemetry: [
    `import { pinoLogger, requestContext } from '@covent/telemetry'
    const context = requestContext()
    const logger = pinoLogger({ level: 'info', context })
    context.run({ requestId: 'r1' }, () => logger.info('hello', { n: 1 }))
    await logger.stop()`,
    /"requestId":"r1".*"msg":"hello"|"msg":"hello".*"requestId":"r1"/,
  ],
  config: [
    `import { loadConfig } from '@covent/config'
    import * as z from 'zod'
    const schema = z.strictObject({ http: z.strictObject({ port: z.int().default(1) }).prefault({}) })
    console.log(JSON.stringify(await loadConfig({ schema, file: 'none.json', env: { COVENT_HTTP__PORT: '7' } })))`,
    /^{"http":{"port":7}}$/,
  ],
  jobs: [
    `import { runProgram } from '@covent/jobs'
    const { output } = await runProgram({ command: '/bin/cat', args: [], input: 'done' }, new AbortController().signal)
    console.log(String(output))`,
    /^done$/,
  ],
  database: [
    `import { sqliteDatabase } from '@covent/database'
    const database = sqliteDatabase({ path: 'data/x.db' })
    await database.start()
    await database.stores.conversations.create({ id: 'c', principalId: 'p', character: 'a', createdAt: 1 })
    console.log((await database.stores.conversations.list('p', { limit: 9 })).items.length)
    await database.stop()`,
    /^1$/,
  ],
  models: [
    `import { rulesModel } from '@covent/models'
    let text = ''
    const request = { messages: [{ role: 'user', text: 'Hello' }], tools: [], stream: false }
    for await (const event of rulesModel().generate(request, { signal: AbortSignal.timeout(999) })) text += event.text ?? ''
    console.log(text)`,
    /hello|hi\b/i,
  ],
  'plugin-sdk': [
    `import { definePlugin, z } from '@covent/plugin-sdk'
    const plugin = definePlugin({ id: 'a.b', version: '1.0.0', type: 'utility', description: 'Adds numbers up.', actions: {
      add: { description: 'Adds', effect: 'read', input: z.object({ a: z.number() }), output: z.number(), async run({ a }) { return a } } } })
    console.log(plugin.kind)`,
    /^plugin$/,
  ],
  plugins: [
    `import { sandboxMatrix } from '@covent/plugins'
    import { isolationConfig } from '@covent/plugins/config'
    console.log((await sandboxMatrix(isolationConfig.parse({}))).map((row) => row.level).join())`,
    /process/,
  ],
  agent: [
    `import { agentRuntime } from '@covent/agent'
    console.log(typeof agentRuntime)`,
    /^function$/,
  ],
  auth: [
    `import { policy } from '@covent/auth'
    console.log(policy().permits({ id: 'k', kind: 'key', role: 'guest' }, 'keys:write'))`,
    /^false$/,
  ],
  'secure-storage': [
    `import { encryptedFileStorage, keyRing } from '@covent/secure-storage'
    import { mkdtempSync } from 'node:fs'
    const storage = encryptedFileStorage({ home: mkdtempSync('home-'), ring: keyRing([new Uint8Array(32)]) })
    await storage.set('A', 'kept')
    console.log(await storage.get('A'))`,
    /^kept$/,
  ],
  'rate-limit': [
    `import { memoryRateLimits } from '@covent/rate-limit'
    const limiter = memoryRateLimits().limiter({ name: 'x', limit: 1, windowSeconds: 60 })
    console.log(limiter.consume('ann').allowed, limiter.consume('ann').allowed)`,
    /^true false$/,
  ],
  api: [
    `import { createApi } from '@covent/api'
    import { apiClient } from '@covent/api/client'
    console.log(typeof createApi, typeof apiClient)`,
    /^function function$/,
  ],
}

describe('from packed tarballs, outside the workspace, without Inversify', () => {
  it.each(Object.entries(programs))('@covent/%s runs alone', async (name, [program, says]) => {
    const project = await alone(`@covent/${name}`)
    expect(existsSync(join(project, 'node_modules', 'inversify'))).toBe(false)
    expect(await runs(project, program)).toMatch(says)
  })

  it('every publishable package but di, the apps and the bundled plugins is among them', async () => {
    const names = [...(await packAll()).keys()].filter(
      (name) => !/\/(di|server|cli|plugin-clock|plugin-notes)$/.test(name),
    )
    expect(names.toSorted()).toEqual(
      Object.keys(programs)
        .map((name) => `@covent/${name}`)
        .toSorted(),
    )
  })

  it('an author tests a plugin in the sandbox', async () => {
    const project = await alone('@covent/plugin-sdk', '@covent/plugins')
    await cp(join(root, 'examples', 'plugins', 'weather', 'plugin.ts'), join(project, 'weather.ts'))
    const program = `import { testHost } from '@covent/plugin-sdk/testing'
    import weather from './weather.ts'
    const place = 'https://geocoding-api.open-meteo.com/v1/search?count=1&name=Oslo'
    const sky = 'https://api.open-meteo.com/v1/forecast?latitude=60&longitude=11&current=temperature_2m,wind_speed_10m&temperature_unit=celsius'
    const http = {
      ['GET ' + place]: { json: { results: [{ name: 'Oslo', latitude: 60, longitude: 11 }] } },
      ['GET ' + sky]: { json: { current: { temperature_2m: -3, wind_speed_10m: 8 } } },
    }
    await using host = await testHost(weather, { file: new URL('./weather.ts', import.meta.url), http })
    console.log((await host.call('current_weather', { place: 'Oslo' })).text)`
    expect(await runs(project, program)).toBe('Oslo: -3 °C, wind 8 km/h')
  })

  it('an author without the sandbox is told which package to install', async () => {
    const program = `import { definePlugin } from '@covent/plugin-sdk'
    import { testHost } from '@covent/plugin-sdk/testing'
    const plugin = definePlugin({ id: 'a.b', version: '1.0.0', type: 'utility', description: 'Does nothing.' })
    await testHost(plugin, { file: import.meta.url }).catch(({ code, message }) => console.log(code, message))`
    const said = await runs(await alone('@covent/plugin-sdk'), program)
    expect(said).toMatch(/^config\.package-missing .*npm install --save-dev @covent\/plugins/)
  })

  it('the example of a single package runs', async () => {
    const project = await alone('@covent/events', '@covent/core')
    await cp(join(root, 'examples', 'single-package', 'main.mjs'), join(project, 'main.mjs'))
    const { stdout } = await node(process.execPath, ['main.mjs'], { cwd: project })
    expect(stdout).not.toBe('')
  })
})

describe('a server of one’s own, from packed tarballs', () => {
  it('serves with its own models and its own @injectable class', async () => {
    const project = await alone('@covent/server', '@covent/api', '@covent/di', '@covent/core')
    await link(project, join(root, 'examples', 'own-server'), 'inversify')
    await cp(join(root, 'examples', 'own-server', 'dist'), join(project, 'dist'), { recursive: true })
    await cp(join(root, 'examples', 'own-server', 'package.json'), join(project, 'package.json'))
    const home = temporaryFolder()
    const command = [process.execPath, '--disable-sigusr1', join(project, 'dist', 'main.js')] as const
    const server = await serverProcess({ command, home, cwd: project })
    const { text } = await overSocket(home, { method: 'POST', path: '/api/conversations', body: {} })
    const { id } = JSON.parse(text) as { id: string }
    const path = `/api/conversations/${id}/messages`
    const answer = await overSocket(home, { method: 'POST', path, body: { text: 'Polly' } })
    expect(JSON.parse(answer.text)).toMatchObject({ reply: { text: 'Polly, Polly!' } })
    expect(await server.stop()).toBe(0)
    expect(server.lines.find((line) => line.includes('answers so far'))).toContain('"answers":1')
  })

  it('the command and the built server run with plain node', async () => {
    const home = temporaryFolder()
    const server = await serverProcess({
      command: [process.execPath, join(root, 'apps', 'server', 'dist', 'main.js')],
      home,
    })
    const cli = join(root, 'apps', 'cli', 'dist', 'main.js')
    const env = { ...process.env, COVENT_HOME: home }
    const { stdout } = await node(process.execPath, [cli, 'chat', '--once', 'Hello'], { env })
    expect(stdout).toMatch(/hello|hi\b/i)
    expect(await server.stop()).toBe(0)
  })
})

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { secretForms } from '@covent/core'
import { describeWith, temporaryFolder } from '@covent/testing'
import { expect, it, onTestFinished } from 'vitest'
import { clientOf, overSocket, startServer } from './support.ts'

const sign = 'cnry'
const canary = (): string => `${sign}${randomBytes(18).toString('base64url')}`
const canaries = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, canary()]))

/** Kept by the server, one of them given to a plugin. */
const stored = canaries([
  'MODEL_KEY',
  'GRANTED_KEY',
  'UNUSED_KEY',
  'REPLACED_KEY',
  'DELETED_KEY',
  'HOOK_KEY',
  'LATE_KEY',
])
const replacement = canary()
/** In the environment of the server. */
const supplied = {
  ...canaries([
    'COVENT_SECRET_ENV_KEY',
    'COVENT_SECRET_OTHER_KEY',
    'OPENAI_API_KEY',
    'AWS_SECRET_ACCESS_KEY',
    'DB_PASSWORD',
  ]),
  COVENT_MASTER_KEY: randomBytes(32).toString('base64'),
}
/** Where they do not belong, by mistake. */
const misplaced = canaries(['shape', 'space', 'name', 'field', 'bearer', 'query'])
const all = [...Object.values(stored), replacement, ...Object.values(supplied), ...Object.values(misplaced)]

/** A model that quotes the key it was given whenever it fails, as some do. */
const rudeModel = async (): Promise<string> => {
  let asked = 0
  const server = createServer((request, response) => {
    const quoted = `wrong key ${request.headers.authorization}, ${JSON.stringify(request.headers)}`
    const failed = { error: { message: quoted, type: 'x', code: quoted } }
    const choice = { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Well.' } }
    const done = { id: 'x', object: 'chat.completion', created: 0, model: 'x', choices: [choice] }
    const status = [401, 500, 200, 400][asked++ % 4]!
    const body = JSON.stringify(status === 200 ? done : failed)
    request.resume().on('end', () => {
      if (asked % 5 === 0) response.destroy()
      else response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
  })
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
}

/** Echoes what it can see; `spill` logs the one secret that it was given, and `crash` dies of it. */
const echo = `
import { definePlugin, z } from '@covent/plugin-sdk'
const action = (run) => ({ description: 'x', effect: 'read', input: z.object({}), output: z.string(), run })
export default definePlugin({
  id: 'acme.echo', version: '1.0.0', type: 'extension', description: 'Echoes all it sees.',
  permissions: { required: { 'data:secrets': { names: ['GRANTED_KEY'], reason: 'Echo it' } } },
  actions: {
    look: action(async () => JSON.stringify([process.env, process.argv, process.execArgv, process.title, import.meta.url])),
    spill: action(async (_, ctx) => {
      const key = globalThis.kept = await ctx.secrets.get('GRANTED_KEY')
      ctx.log.warn('spilled ' + key, { key, nested: [{ auth: 'Basic ' + btoa('me:' + key) }], url: 'https://x/?k=' + encodeURIComponent(key) })
      return 'spilled ' + key.length
    }),
    crash: action(async (_, ctx) => {
      const key = await ctx.secrets.get('GRANTED_KEY')
      setTimeout(() => { throw new Error('died of ' + key) }, 1)
      return new Promise(() => {})
    }),
  },
})`

const homeWithEcho = (): string => {
  const home = temporaryFolder()
  mkdirSync(join(home, 'plugins', 'echo'), { recursive: true })
  writeFileSync(join(home, 'plugins', 'echo', 'plugin.mjs'), echo)
  return home
}

const descendants = (pid: number): readonly number[] =>
  readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
    .filter((child) => child !== '')
    .flatMap((child) => [Number(child), ...descendants(Number(child))])

/** Writable mappings that hold anything: a plugin's engine reserves a hundred times as much. */
const mappingsOf = (pid: number): readonly (readonly [number, number])[] =>
  readFileSync(`/proc/${pid}/smaps`, 'utf8')
    .split(/^(?=[\da-f]+-[\da-f]+ )/m)
    .filter((mapping) => !/^Rss: +0 kB/m.test(mapping) || !/^Swap: +0 kB/m.test(mapping))
    .flatMap((mapping) => {
      const found = /^([\da-f]+)-([\da-f]+) rw/.exec(mapping)
      return found === null ? [] : [[Number.parseInt(found[1]!, 16), Number.parseInt(found[2]!, 16)] as const]
    })

const longest = 64
/** What a process can read of itself, 16 MiB at a time, each with the end of the one before. */
async function* memoryOf(pid: number): AsyncGenerator<Buffer> {
  const file = await open(`/proc/${pid}/mem`, 'r')
  const chunk = Buffer.alloc(16 * 1024 * 1024)
  for (const [from, to] of mappingsOf(pid))
    for (let at = from; at < to; at += chunk.length - longest) {
      const read = file.read(chunk, 0, Math.min(chunk.length, to - at), at)
      // A guard page, or one that nobody has used yet.
      yield chunk.subarray(0, (await read.catch(() => ({ bytesRead: 0 }))).bytesRead)
    }
  await file.close()
}

const namesOf = (found: readonly string[]): readonly string[] => {
  const labels = { ...stored, replacement, ...supplied, ...misplaced }
  return found.map((value) => Object.entries(labels).find(([, each]) => each === value)![0])
}
/** Which of them stand there, in any form. */
const foundIn = (text: string | Buffer): readonly string[] =>
  namesOf(all.filter((value) => secretForms(value).some((form) => text.includes(form))))
/** Those that begin with the sign stand within few places, and memory is searched for the sign alone. */
const plainIn = (bytes: Buffer): readonly string[] => {
  const found = new Set(all.filter((value) => !value.startsWith(sign) && bytes.includes(value)))
  for (let at = bytes.indexOf(sign); at !== -1; at = bytes.indexOf(sign, at + 1)) {
    const text = bytes.toString('latin1', at, at + longest)
    for (const value of all) if (text.startsWith(value)) found.add(value)
  }
  return namesOf([...found])
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())

describeWith('bubblewrap', 'twenty secrets, used all over', () => {
  it(
    'are found in no answer, no log, no file of the home, and no process of a plugin',
    { timeout: 90_000 },
    async () => {
      expect(all).toHaveLength(20)
      const home = homeWithEcho()
      const answers: string[] = []
      const socket = async (method: string, path: string, body?: unknown): Promise<string> => {
        const { text } = await overSocket(home, { method, path, ...(body !== undefined && { body }) })
        answers.push(text)
        return text
      }
      const keep = (name: string, value: string) => socket('POST', '/api/secrets', { name, value })

      const first = await startServer(home, { ...supplied, COVENT_PLUGINS__ALLOW_UNSIGNED: 'true' })
      for (const [name, value] of Object.entries(stored)) await keep(name, value)
      await keep('REPLACED_KEY', replacement)
      await socket('DELETE', '/api/secrets/DELETED_KEY')
      await keep('ANTHROPIC_API_KEY', misplaced['shape']!)
      await keep('SPACE_KEY', ` ${misplaced['space']}`)
      await keep(`A=${misplaced['name']}`, 'x')
      await socket('POST', '/api/secrets', { name: 'A', value: 'x', extra: misplaced['field'] })
      expect(await first.stop()).toBe(0)

      const server = await startServer(home, {
        ...supplied,
        COVENT_PLUGINS__ALLOW_UNSIGNED: 'true',
        COVENT_LOG__LEVEL: 'debug',
        COVENT_MODELS__DEFAULT: 'rude/x',
        COVENT_MODELS__PROVIDERS: JSON.stringify({
          rude: { kind: 'openai-compatible', baseUrl: await rudeModel(), secret: 'MODEL_KEY' },
        }),
        COVENT_PLUGINS__GRANTS: JSON.stringify({ 'acme.echo': ['data:secrets'] }),
        COVENT_PLUGINS__SECRETS: JSON.stringify({ 'acme.echo': ['GRANTED_KEY'] }),
      })
      const client = await clientOf(server, home, 'owner')
      const { id } = (await (await client.post('/api/conversations', {})).json()) as { id: string }
      for (let n = 0; n < 4; n++) {
        const answer = await client.post(`/api/conversations/${id}/messages`, { text: `Hello ${n}` })
        answers.push(await answer.text())
      }
      const stranger = { headers: { authorization: `Bearer ${misplaced['bearer']}` } }
      answers.push(
        await (await fetch(`${server.ready.url}/v1/models?key=${misplaced['query']}`, stranger)).text(),
      )
      const look = await socket('POST', '/api/plugins/acme.echo/actions/look', { input: {} })
      expect(look).toContain('[{}')
      expect(await socket('POST', '/api/plugins/acme.echo/actions/spill', { input: {} })).toContain(
        'spilled 28',
      )

      const processes = descendants(server.ready.pid)
      expect(processes.length).toBeGreaterThan(2)
      const seen = new Set<string>()
      for (const pid of processes) {
        for (const part of ['environ', 'cmdline'])
          expect(foundIn(readFileSync(`/proc/${pid}/${part}`))).toEqual([])
        for await (const memory of memoryOf(pid)) for (const name of plainIn(memory)) seen.add(name)
      }
      // The one that it was given is seen, so that the others would be.
      expect([...seen]).toEqual(['GRANTED_KEY'])

      await socket('POST', '/api/plugins/acme.echo/actions/crash', { input: {} })
      await socket('POST', '/api/secrets/UNUSED_KEY/verify', { value: stored['UNUSED_KEY'] })
      await socket('POST', '/api/master-key/rotate')
      for (const path of [
        '/api/plugins',
        '/api/plugins/acme.echo',
        '/api/plugins/acme.echo/logs',
        '/api/plugins/stats',
        '/api/secrets',
        '/api/audit?limit=200',
        '/health',
      ])
        expect(await socket('GET', path)).not.toContain('urn:covent:error')
      answers.push(JSON.stringify(await client.get(`/api/conversations/${id}/messages`)))
      expect(await server.stop()).toBe(0)

      expect(answers.join('\n')).toContain('[secret]')
      expect(foundIn(answers.join('\n'))).toEqual([])
      const lines = [...first.lines, ...server.lines].join('\n')
      expect(lines).toContain('[secret]')
      expect(foundIn(lines)).toEqual([])
      for (const file of filesIn(home)) expect([file, foundIn(readFileSync(file))]).toEqual([file, []])
    },
  )
})

import { createWriteStream } from 'node:fs'
import { hash } from 'node:crypto'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ContextFields, LogFields, Logger, Policy } from '@covent/core'
import express from 'express'
import { httpConfig } from '../src/config.ts'
import { createApi } from '../src/index.ts'
import { memoryDeps } from '../test/support/memory-deps.ts'
import { ampleRates } from '../test/support/memory-limits.ts'

/** JSON lines as a logger writes them, each with the request context, in pieces of 64 kB. */
const lineLogger = (storage: AsyncLocalStorage<ContextFields>): Logger => {
  const out = createWriteStream('/dev/null')
  let buffer = ''
  const write = (level: string) => (msg: string, fields?: LogFields) => {
    buffer += `${JSON.stringify({ level, time: Date.now(), ...storage.getStore(), ...fields, msg })}\n`
    if (buffer.length < 65_536) return
    out.write(buffer)
    buffer = ''
  }
  const logger: Logger = {
    debug: () => undefined,
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  }
  return logger
}

const bare = async (): Promise<string> => {
  const app = express()
  app.get('/hello', (_request, response) => void response.json({ hello: 'world' }))
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}

const policy: Policy = { permits: ({ role }) => role === 'owner' }

/** The API on parts that cost what real ones cost: SHA-256 of each key, a context per request, a line per request. */
const full = async (): Promise<{ url: string; key: string; conversation: string }> => {
  const storage = new AsyncLocalStorage<ContextFields>()
  const base = memoryDeps()
  const principals = new Map<string, Awaited<ReturnType<typeof base.authenticator.authenticate>>>()
  const sha256 = (text: string): string => hash('sha256', text, 'hex')
  const api = createApi(
    {
      ...base,
      policy,
      logger: lineLogger(storage),
      context: {
        run: (fields, work) => storage.run({ ...storage.getStore(), ...fields }, work),
        current: () => storage.getStore(),
      },
      events: { emit: () => undefined } as never,
      authenticator: { authenticate: async (credential) => principals.get(sha256(credential)) },
    },
    { ...httpConfig.parse({ port: 0 }), rateLimit: ampleRates },
  )
  await api.start()
  const { id, key } = await base.keys.create({ name: 'bench', role: 'owner' })
  principals.set(sha256(key), { id, kind: 'key', role: 'owner' })
  const created = await fetch(`${api.url}/api/conversations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
  })
  const conversation = ((await created.json()) as { id: string }).id
  return { url: api.url, key, conversation }
}

const ready = process.argv[2] === 'bare' ? { url: await bare() } : await full()
process.send!({ ready })
process.on('message', () => process.send!({ cpu: process.cpuUsage() }))

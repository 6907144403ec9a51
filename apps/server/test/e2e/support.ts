import { request } from 'node:http'
import { join } from 'node:path'
import { type ServerProcess, serverProcess } from '@covent/testing'
import { onTestFinished } from 'vitest'

export const root: string = join(import.meta.dirname, '..', '..', '..', '..')
const source = ['--conditions=@covent/source', '--disable-warning=ExperimentalWarning']
export const serverFile: string = join(root, 'apps', 'server', 'src', 'main.ts')

/** A server from source on a free port, ended with the test. */
export const startServer = async (
  home: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> => {
  const server = await serverForAll(home, env)
  onTestFinished(() => server.kill())
  return server
}

/** The same for all tests of a file, which ends it. */
export const serverForAll = (
  home: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> => {
  const command = [process.execPath, ...source, '--disable-sigusr1', serverFile] as const
  return serverProcess({ command, home, env })
}

/** A key made through the admin socket, and requests with it. */
export const clientOf = async (server: ServerProcess, home: string, role = 'user'): Promise<Client> => {
  const made = await overSocket(home, { method: 'POST', path: '/api/keys', body: { name: 'test', role } })
  const { key } = JSON.parse(made.text) as { key: string }
  return { key, ...requests(server.ready.url, key) }
}

export interface Client {
  readonly key: string
  // oxlint-disable-next-line max-params -- the last two are rare
  post(path: string, body: unknown, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>
  get<T>(path: string): Promise<T>
}

export const requests = (url: string, key: string): Omit<Client, 'key'> => ({
  // oxlint-disable-next-line max-params -- the last two are rare
  post: (path, body, headers = {}, signal) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    }),
  get: async <T>(path: string) =>
    (await fetch(url + path, { headers: { authorization: `Bearer ${key}` } })).json() as Promise<T>,
})

/** One request through the admin socket, where the operator's own user needs no credential. */
export const overSocket = (
  home: string,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body?: unknown },
): Promise<{ readonly status: number; readonly text: string }> =>
  new Promise((resolve, reject) => {
    const options = {
      socketPath: join(home, 'run', 'admin.sock'),
      method,
      path,
      headers: { 'content-type': 'application/json', host: 'localhost' },
    }
    const sent = request(options, async (response) => {
      const chunks = await response.toArray()
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() })
    })
    sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body))
  })

export interface MessageRecord {
  readonly id: string
  readonly conversationId: string
  readonly role: string
  readonly text: string
  readonly status: string
  readonly turnId: string
}

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerProcess } from '@covent/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pairedDevice } from './device.ts'
import { clientOf, root, serverForAll } from './support.ts'

const roles = ['owner', 'operator', 'user', 'guest'] as const
const callers = [...roles, 'anonymous'] as const
type Caller = (typeof callers)[number]
type Cell = 'yes' | 'own' | 'no'

interface Row {
  readonly method: string
  readonly path: string
  readonly cells: Readonly<Record<Caller, Cell>>
}

const line = /^\| `(?<method>[A-Z]+) (?<path>\S+)` \| `\S+` \| (?<cells>.+) \|$/

const rowOf = (text: string): readonly Row[] => {
  const { method, path, cells } = line.exec(text)?.groups ?? {}
  if (method === undefined) return []
  const words = cells!.split(' | ') as Cell[]
  const byCaller = Object.fromEntries(callers.map((caller, n) => [caller, words[n]!]))
  return [{ method, path: path!, cells: byCaller as Row['cells'] }]
}

/** The committed table: what the running server is held to. */
const table = readFileSync(join(root, 'docs', 'roles.md'), 'utf8')
  .split('\n')
  .flatMap(rowOf)

const home = mkdtempSync(join(tmpdir(), 'covent-'))
const bodies: Readonly<Record<string, unknown>> = {
  'POST /api/conversations/{id}/messages': { text: 'Hello' },
}
const keys: Partial<Record<Caller, string>> = {}
let server: ServerProcess

beforeAll(async () => {
  server = await serverForAll(home, { COVENT_RATE_LIMIT__ENABLED: 'false' })
  for (const role of roles) keys[role] = (await clientOf(server, home, role)).key
})
afterAll(async () => {
  await server.kill()
  rmSync(home, { recursive: true })
})

interface Asked extends Pick<Row, 'method' | 'path'> {
  readonly key: string | undefined
  readonly id?: string
  readonly accept?: string
}

const ask = ({ method, path, key, id = 'none', accept = '*/*' }: Asked): Promise<Response> =>
  fetch(server.ready.url + path.replaceAll(/\{\w+\}/g, id), {
    method,
    headers: {
      accept,
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(method === 'POST' && { 'content-type': 'application/json' }),
    },
    ...(method === 'POST' && { body: JSON.stringify(bodies[`${method} ${path}`] ?? {}) }),
  })

const conversation = async (key: string | undefined): Promise<string> => {
  const made = await ask({ method: 'POST', path: '/api/conversations', key })
  return ((await made.json()) as { id: string }).id
}

const session = async (): Promise<string> => {
  const device = await pairedDevice(server.ready.url, home)
  return ((await (await device.signIn()).json()) as { id: string }).id
}

/** An object of that caller to which the path leads; undefined where it cannot have one. */
const objectOf = (caller: Caller | 'device', path: string): Promise<string> | undefined => {
  if (path.startsWith('/api/sessions')) return caller === 'device' ? session() : undefined
  // A guest has none of its own.
  return caller === 'guest' || caller === 'device' ? undefined : conversation(keys[caller])
}

/** What came of it, told from the answer alone. */
const verdict = async (answer: Response): Promise<string> => {
  if (answer.ok && answer.headers.get('content-type')?.startsWith('text/event-stream') === true) {
    await answer.body?.cancel()
    return 'done'
  }
  const { code } = (await answer.json().catch(() => ({}))) as { code?: string }
  if (answer.status === 401) return 'anonymous'
  if (code === 'auth.forbidden') return 'forbidden'
  return answer.ok ? 'done' : answer.status === 404 ? 'absent' : 'reached'
}

const isList = ({ path }: Row): boolean => !path.includes('{')
/** Somebody else who has such an object; only devices have sessions. */
const stranger = ({ path }: Row, caller: Caller): Caller | 'device' => {
  if (path.startsWith('/api/sessions')) return 'device'
  return caller === 'user' ? 'owner' : 'user'
}

/** Whether a list holds what is its caller's own, and nothing else. */
const listsOwn = async (row: Row, key: string): Promise<readonly string[]> => {
  const { items } = (await (await ask({ ...row, key })).json()) as { items: { id: string }[] }
  return items.map(({ id }) => id)
}

const checkOwned = async (row: Row, caller: Caller): Promise<void> => {
  const key = keys[caller]!
  const other = await objectOf(stranger(row, caller), row.path)
  const own = await objectOf(caller, row.path)
  if (isList(row)) {
    const listed = await listsOwn(row, key)
    expect([own === undefined || listed.includes(own), listed.includes(other!)]).toEqual([true, false])
    return
  }
  for (const accept of ['application/json', 'text/event-stream'])
    expect(await verdict(await ask({ ...row, key, id: other!, accept }))).toBe('absent')
  if (own !== undefined) expect(await verdict(await ask({ ...row, key, id: own }))).toBe('done')
}

const check = async (row: Row, caller: Caller): Promise<void> => {
  const cell = row.cells[caller]
  if (cell === 'own') return checkOwned(row, caller)
  const came = await verdict(await ask({ ...row, key: keys[caller] }))
  if (cell === 'yes') expect(['done', 'absent', 'reached']).toContain(came)
  else expect(came).toBe(caller === 'anonymous' ? 'anonymous' : 'forbidden')
}

describe('the table of roles', () => {
  it('names every operation of the running server, and no other', async () => {
    const document = await (await ask({ method: 'GET', path: '/openapi.json', key: undefined })).json()
    const { paths } = document as { paths: Record<string, Record<string, object>> }
    const served = Object.entries(paths).flatMap(([path, place]) =>
      Object.keys(place).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(table.map(({ method, path }) => `${method} ${path}`)).toEqual(served)
    expect(table.length).toBeGreaterThan(35)
  })

  it('gives every operation on a conversation to its own principal alone', () => {
    const touching = table.filter(({ path }) => path.startsWith('/api/conversations/{id}'))
    expect(touching.length).toBeGreaterThan(3)
    for (const { cells } of touching) expect(Object.values(cells)).not.toContain('yes')
  })

  it.each(
    table.flatMap((row) => callers.map((caller) => ({ row, caller, name: `${row.method} ${row.path}` }))),
  )('holds for $name as $caller', ({ row, caller }) => check(row, caller))
})

describe('what belongs to another principal', () => {
  it('looks to everybody else as if it were not there', async () => {
    const asked = { method: 'GET', path: '/api/conversations/{id}', key: keys.owner }
    const told = async (id: string) => {
      const answer = await ask({ ...asked, id })
      return { status: answer.status, body: { ...((await answer.json()) as object), requestId: '' } }
    }
    const other = await conversation(keys.user)
    const none = `conv_${'0'.repeat(26)}`
    expect(await told(other)).toEqual(await told(none))
  })

  it('takes no message of theirs, also under an idempotency key of its own', async () => {
    const mine = await conversation(keys.user)
    const post = (key: string, text: string) =>
      fetch(`${server.ready.url}/api/conversations/${mine}/messages`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${key}`,
          'idempotency-key': 'same',
        },
        body: JSON.stringify({ text }),
      })
    expect((await post(keys.user!, 'Hello')).status).toBe(200)
    for (const role of ['owner', 'operator', 'guest'] as const)
      expect((await post(keys[role]!, 'Hello')).status).toBe(404)
    const path = '/api/conversations/{id}/messages'
    const messages = await ask({ method: 'GET', path, key: keys.user, id: mine })
    expect(((await messages.json()) as { items: unknown[] }).items).toHaveLength(2)
  })
})

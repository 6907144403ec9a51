import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict'
import { AppError, type SecureStorage } from '@covent/core'

/** The two functions of a test runner that the suite needs; Vitest and `node:test` fit. */
export interface Runner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
}

export interface OpenStorage {
  readonly storage: SecureStorage
  /** The same secrets as another process would open them; absent where they end with the process. */
  again?(): Promise<SecureStorage>
  close(): Promise<void>
}

type Test = (title: string, body: (opened: OpenStorage) => Promise<void>) => unknown

const isCode = (code: string) => (error: unknown) => AppError.is(error, code)
const canary = 'canary-7f3a9d'

/** What secure storage must do. Pass your runner, a name, and a way to open an empty one. */
export const secureStorageSuite = (runner: Runner, name: string, open: () => Promise<OpenStorage>): void => {
  const it: Test = (title, body) =>
    runner.it(title, async () => {
      const opened = await open()
      try {
        await body(opened)
      } finally {
        await opened.close()
      }
    })
  runner.describe(`secure storage: ${name}`, () => {
    valueTests(it)
    refusalTests(it)
  })
}

const valueTests = (it: Test): void => {
  it('gives back what was set, by any way of writing the name', async ({ storage }) => {
    await storage.set('my-key', `${canary}\n${'é'.repeat(2_000)}`)
    strictEqual(await storage.get('MY_KEY'), `${canary}\n${'é'.repeat(2_000)}`)
    strictEqual(await storage.get('my.key'), await storage.get('my-key'))
  })
  it('knows nothing of a name that was not set, or was deleted', async ({ storage }) => {
    strictEqual(await storage.get('A'), undefined)
    await storage.set('A', canary)
    strictEqual(await storage.delete('A'), true)
    strictEqual(await storage.delete('A'), false)
    strictEqual(await storage.get('A'), undefined)
  })
  it('counts the versions of a value, and keeps when it was first set', async ({ storage }) => {
    const first = await storage.set('A', 'one')
    const second = await storage.set('A', 'two')
    deepStrictEqual([first.version, second.version], [1, 2])
    strictEqual(second.createdAt, first.createdAt)
    strictEqual(await storage.get('A'), 'two')
  })
  it('lists names in order, and no values', async ({ storage }) => {
    for (const name of ['B', 'A', 'C']) await storage.set(name, canary)
    const listed = await storage.list()
    deepStrictEqual(
      listed.map((info) => info.name),
      ['A', 'B', 'C'],
    )
    ok(!JSON.stringify(listed).includes(canary))
  })
  it('loses nothing of many writes at once', async ({ storage }) => {
    const names = Array.from({ length: 20 }, (_, n) => `N${n}`)
    await Promise.all(names.map((name) => storage.set(name, `value of ${name}`)))
    for (const name of names) strictEqual(await storage.get(name), `value of ${name}`)
  })
  it('shows another process what was set', async ({ storage, again }) => {
    await storage.set('A', canary)
    if (again !== undefined) strictEqual(await (await again()).get('A'), canary)
  })
}

const refusalTests = (it: Test): void => {
  it('refuses names that are none', async ({ storage }) => {
    for (const name of ['', '1A', 'A=canary', 'A B', '__proto__'.repeat(9), '-']) {
      await rejects(storage.set(name, canary), isCode('secret.name-invalid'))
      await rejects(storage.get(name), isCode('secret.name-invalid'))
    }
  })
  it('refuses values that no secret has, and does not repeat them', async ({ storage }) => {
    for (const value of ['', ` ${canary}`, `${canary}\n`, 'x'.repeat(65_537)])
      await rejects(
        storage.set('A', value),
        (error: Error) => isCode('secret.value-invalid')(error) && !error.message.includes(canary),
      )
  })
  it('refuses a value that its provider does not make', async ({ storage }) => {
    await rejects(storage.set('ANTHROPIC_API_KEY', canary), isCode('secret.value-invalid'))
    await storage.set('ANTHROPIC_API_KEY', `sk-ant-${'a'.repeat(40)}`)
  })
}

import { describeWith, postgresServer, temporaryFolder } from '@covent/testing'
import { expect, it, onTestFinished } from 'vitest'
import { covent, json } from './support/command.ts'

describeWith('postgres', 'covent db', () => {
  it('tells the state of the schema, migrates it, and copies all of it to PostgreSQL', async () => {
    const postgres = await postgresServer()
    onTestFinished(() => postgres.stop())
    const home = temporaryFolder()
    const before = json<{ engine: string; pending: string[] }>(await covent(home, ['db', 'status', '--json']))
    expect(before.engine).toBe('sqlite')
    expect(before.pending).toContain('0001-stores')
    expect(json(await covent(home, ['db', 'migrate', '--json']))).toEqual({
      engine: 'sqlite',
      migrated: before.pending,
    })
    expect((await covent(home, ['db', 'status'])).stdout).toBe('sqlite: the schema is up to date\n')
    const made = await covent(home, ['keys', 'create', '--name', 'ci', '--role', 'user', '--json'])
    expect(made.code).toBe(0)
    const copied = await covent(home, ['db', 'copy', '--to', postgres.url, '--json'])
    expect(json<{ table: string; rows: number }[]>(copied)).toContainEqual(
      expect.objectContaining({
        table: 'api_keys',
        rows: 1,
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      }),
    )
    const again = await covent(home, ['db', 'copy', '--to', postgres.url])
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('copy into a new database')])
  }, 60_000)
})

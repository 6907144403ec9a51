import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeWith } from '@covent/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectionOptions, isInTheClear } from '../../src/postgres/postgres-database.ts'
import { newDatabase, openPostgres, postgresOfFile, sqlOn } from './open.ts'

/** A key and a certificate by itself, for that name. */
const certificate = (name: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'covent-tls-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const words = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
  ]
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  execFileSync('openssl', [...words, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  return { key, cert }
}

const placed = (path: string, name: string): string =>
  `copy (select regexp_split_to_table($$${readFileSync(path, 'utf8')}$$, e'\\n')) to program 'umask 077; cat > ${name}'`

describeWith('postgres', 'the way to PostgreSQL', () => {
  const file = postgresOfFile()
  const own = certificate('localhost')
  const other = certificate('localhost')
  beforeAll(async () => {
    await sqlOn(file.url, placed(own.key, 'server.key'))
    await sqlOn(file.url, placed(own.cert, 'server.crt'))
    await sqlOn(file.url, 'alter system set ssl = on')
    await sqlOn(file.url, 'select pg_reload_conf()')
  })
  const open = async (host: string, words: string) =>
    openPostgres(`${(await newDatabase(file)).replace('127.0.0.1', host)}?${words}`)
  const encrypted = async (host: string, words: string): Promise<unknown> => {
    const { stores } = await open(host, words)
    const { rows } = await stores.sql.execute('select ssl from pg_stat_ssl where pid = pg_backend_pid()')
    return rows[0]?.['ssl']
  }

  it('is encrypted where that is asked for, and not where it is not', async () => {
    expect(await encrypted('127.0.0.1', 'sslmode=disable')).toBe(false)
    expect(await encrypted('127.0.0.1', 'sslmode=require')).toBe(true)
  })

  it('leads to a server that is vouched for, of that name', async () => {
    const vouched = `sslrootcert=${own.cert}`
    expect(await encrypted('localhost', `sslmode=verify-full&${vouched}`)).toBe(true)
    expect(await encrypted('127.0.0.1', `sslmode=verify-ca&${vouched}`)).toBe(true)
    const refused = [
      ['127.0.0.1', `sslmode=verify-full&${vouched}`],
      ['localhost', `sslmode=verify-full&sslrootcert=${other.cert}`],
      ['localhost', 'sslmode=verify-ca'],
    ] as const
    for (const [host, words] of refused)
      await expect(open(host, words)).rejects.toMatchObject({ code: 'database.unavailable' })
  })

  it('is known to be in the clear, beyond this machine', () => {
    const isOpen = (url: string) => isInTheClear(connectionOptions(url))
    expect(isOpen('postgres://u@db.internal/x')).toBe(true)
    expect(isOpen('postgres://u@db.internal/x?sslmode=require')).toBe(false)
    expect(isOpen('postgres://u@127.0.0.1/x')).toBe(false)
    expect(isOpen('postgres://u@x/x?host=/var/run/postgresql')).toBe(false)
  })
})

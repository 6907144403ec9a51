import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { describeWith, postgresServer, programPath, redisServer } from '../src/index.ts'

describeWith('redis', 'a real Redis', () => {
  it('is started on a free port and answers', async () => {
    const redis = await redisServer()
    onTestFinished(() => redis.stop())
    const socket = connect(redis.port, '127.0.0.1')
    socket.write('PING\r\nQUIT\r\n')
    expect(await text(socket)).toContain('+PONG')
  })
})

describeWith('postgres', 'a real PostgreSQL', () => {
  it('is started on a free port and answers', async () => {
    const postgres = await postgresServer()
    onTestFinished(() => postgres.stop())
    const psql = join(dirname(realpathSync(programPath('postgres')!)), 'psql')
    expect(execFileSync(psql, [postgres.url, '-Atc', 'select 6 * 7'], { encoding: 'utf8' }).trim()).toBe('42')
  })
})

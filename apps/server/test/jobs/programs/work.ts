/** Works on the queue `numbers` of the database that it is given, and writes a line for each start of a job. */
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { sqliteDatabase } from '@covent/database'
import * as z from 'zod'
import { jobsOn, numbers } from '../open.ts'

const [path = '', hold = ''] = process.argv.slice(2)
const database = sqliteDatabase({ path })
await database.start()
const jobs = jobsOn(database, { leaseMs: 300 })
const effects = { name: 'effects', payload: z.object({ n: z.number() }), handle: async () => {} }

jobs.define(
  numbers(
    async (n, job) => {
      writeSync(1, `${n} ${job.attempt}\n`)
      await sleep(Math.random() * 5)
      const write = async (): Promise<void> =>
        job.complete(async (within) => void (await jobs.enqueue(effects, { n }, { within })))
      if (hold === '') return write()
      // As a process that is stopped for longer than its lease.
      process.kill(process.pid, 'SIGSTOP')
      return write().then(
        () => void writeSync(1, 'written\n'),
        (error: { code: string }) => void writeSync(1, `${error.code}\n`),
      )
    },
    { concurrency: 4, attempts: 100 },
  ),
)
await jobs.start()

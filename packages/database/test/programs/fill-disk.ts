/** Fills a small disk, writes to a database on it, frees the disk, writes again; tells what it saw as JSON. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AppError } from '@covent/core'
import { sqliteDatabase } from '../../src/index.ts'
import { conversation, message } from '../../src/testing/records.ts'

const folder = process.argv[2] ?? ''
const filler = join(folder, 'filler')
const { stores, unitOfWork, health, start, stop } = sqliteDatabase({ path: join(folder, 'covent.db') })

const fill = (): void => {
  for (let sizeBytes = 1 << 20; sizeBytes >= 1024; sizeBytes /= 2)
    try {
      for (;;) writeFileSync(filler, Buffer.alloc(sizeBytes), { flag: 'a' })
    } catch {
      // Full for this size; go on with a smaller one.
    }
}

/** Two messages in each unit, so that a half-written one would show; gives the ids of the units that were kept. */
const write = async (name: string): Promise<{ kept: string[]; codes: string[] }> => {
  const ids = Array.from({ length: 20 }, (_, n) => `${name}${n}`)
  const results = await Promise.allSettled(
    ids.map((id) =>
      unitOfWork.run(async ({ messages }) => {
        await messages.append(message({ id, turnId: id, text: 'x'.repeat(20_000) }))
        await messages.append(message({ id: `${id}b`, turnId: id, text: 'x'.repeat(20_000) }))
      }),
    ),
  )
  const codes = results.flatMap((result) =>
    result.status === 'rejected' ? [(result.reason as AppError).code] : [],
  )
  return { kept: ids.filter((_, n) => results[n]!.status === 'fulfilled'), codes: [...new Set(codes)] }
}

const stored = async (): Promise<string[]> =>
  (await stores.messages.page('c1', { limit: 1000 })).items.map(({ id }) => id)

await start()
await stores.conversations.create(conversation())
const before = await write('before')
fill()
const full = await write('full')
const whileFull = { stored: await stored(), health: await health.check() }
rmSync(filler)
const healthAfter = await health.check()
const after = await write('after')
console.log(JSON.stringify({ before, full, whileFull, healthAfter, after, stored: await stored() }))
await stop()

/** Commits turns to the database that it is given, eight at a time, and writes each one's id once it is acknowledged. */
import { writeSync } from 'node:fs'
import { sqliteDatabase } from '../../src/index.ts'
import { conversation, leaseMs, message, turn } from '../../src/testing/records.ts'

const [path = '', round = ''] = process.argv.slice(2)
const { stores, unitOfWork, start } = sqliteDatabase({ path })
await start()
if ((await stores.conversations.find('c1', 'p1')) === undefined)
  await stores.conversations.create(conversation())

let made = 0
const commitForEver = async (): Promise<never> => {
  for (;;) {
    const id = `${round}-${made++}`
    await unitOfWork.run(async (unit) => {
      await unit.turns.accept(turn({ id, messageId: id }), leaseMs)
      await unit.messages.append(message({ id, turnId: id }))
    })
    writeSync(1, `${id}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, commitForEver))

/** Starts the database that it is given twice, uses it, and says how many modules of Kysely were loaded for that. */
import { registerHooks } from 'node:module'

let loaded = 0
registerHooks({
  load(url, context, next) {
    if (url.includes('/kysely/')) loaded++
    return next(url, context)
  },
})

await import('../../src/module.ts')
const { sqliteDatabase } = await import('../../src/index.ts')
for (let n = 0; n < 2; n++) {
  const { stores, unitOfWork, start, stop } = sqliteDatabase({ path: process.argv[2] ?? '' })
  await start()
  await unitOfWork.run((unit) => unit.keys.touch('k1', n))
  await stores.turns.lapsed()
  await stop()
}
console.log(loaded)

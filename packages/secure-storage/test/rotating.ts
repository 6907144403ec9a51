import { join } from 'node:path'
import { encryptedFileStorage, homeKeys, keysOfFile } from '@covent/secure-storage'

/** Rotates and writes without rest, until it is killed. */
const [home = '', name = ''] = process.argv.slice(2)
const keys = homeKeys({
  file: join(home, 'keys', 'master.key'),
  keysInUse: () => keysOfFile(home),
})
await keys.start!()
const storage = encryptedFileStorage({ home, ring: keys })
console.log('begun')
for (let n = 0; ; n++) {
  await storage.set(name, `${name} ${n}`)
  console.log(n)
  if (name !== 'ROTATOR') continue
  await keys.rotate()
  await storage.rewrap()
  await keys.retire([])
}

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encryptedFileStorage, homeKeys, keysOfFile } from '@covent/secure-storage'

export interface LoopResult {
  /** The most CPU that the loop's thread used in one turn, over sets, reads and rotations of a hundred secrets. */
  readonly longestMs: number
}

const secrets = 100

/** By CPU, so that other programs on the machine do not count. */
const turnWatch = () => {
  let longestMs = 0
  let before = process.threadCpuUsage()
  let timer: NodeJS.Immediate
  const look = (): void => {
    const { user, system } = process.threadCpuUsage(before)
    longestMs = Math.max(longestMs, (user + system) / 1_000)
    before = process.threadCpuUsage()
    timer = setImmediate(look)
  }
  timer = setImmediate(look)
  return () => {
    clearImmediate(timer)
    return longestMs
  }
}

export const run = async (): Promise<LoopResult> => {
  const home = mkdtempSync(join(tmpdir(), 'covent-bench-'))
  const file = join(home, 'keys', 'master.key')
  const passphrase = async (): Promise<string> => 'correct horse battery'
  const keys = homeKeys({ file, keysInUse: () => keysOfFile(home), passphrase })
  await keys.start!()
  const storage = encryptedFileStorage({ home, ring: keys })
  await storage.set('FIRST', 'value')
  const end = turnWatch()
  await keys.lock(await passphrase())
  for (let n = 0; n < secrets; n++) await storage.set(`S${n}`, randomBytes(600).toString('base64'))
  for (let n = 0; n < secrets; n++) await storage.get(`S${n}`)
  for (let n = 0; n < 3; n++) {
    await keys.rotate()
    await storage.rewrap()
  }
  const longestMs = end()
  rmSync(home, { recursive: true })
  return { longestMs }
}

if (import.meta.main) console.log(JSON.stringify(await run()))

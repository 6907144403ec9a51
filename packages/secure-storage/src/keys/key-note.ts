import { join } from 'node:path'
import { readText, writeDurably } from '../vault/durable-file.ts'

/** Which master key was last in force in a home: more than secrets lies under it, such as the chain of the audit. */
export interface KeyNote {
  /** None before a first start. */
  read(): Promise<readonly string[]>
  write(keyId: string): Promise<void>
}

export const keyNote = (home: string): KeyNote => {
  const path = join(home, 'data', 'master-key.id')
  const read = async (): Promise<readonly string[]> => (await readText(path))?.match(/[\da-f]{16}/g) ?? []
  return {
    read,
    async write(keyId) {
      if ((await read())[0] !== keyId) await writeDurably(path, `${keyId}\n`)
    },
  }
}

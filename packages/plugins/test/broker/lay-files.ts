import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@covent/core'
import { temporaryFolder } from '@covent/testing'
import { type FileStores, fileStores } from '../../src/host/broker/files/file-stores.ts'
import { type Asking, askBroker, type AskOptions } from './ask-broker.ts'

const both = { 'fs:read:workspace': {}, 'fs:write:workspace': {} }

export interface Laid extends Asking {
  readonly home: string
  readonly workspace: string
  readonly outside: string
  readonly stores: FileStores
}

/** A home with a secret, a workspace in it, and a folder outside with another secret. */
export const lay = (
  options: AskOptions & { readonly workspaceMb?: number; readonly userHome?: string } = {},
): Laid => {
  const home = temporaryFolder()
  const outside = temporaryFolder()
  const workspace = join(home, 'workspace')
  mkdirSync(workspace)
  writeFileSync(join(home, 'master.key'), 'the secret')
  writeFileSync(join(outside, 'secret'), 'the secret')
  const { workspaceMb = 64, userHome } = options
  const settings = { workspaceMb, workspace: undefined }
  const stores = fileStores({ home, userHome, settings, clock: systemClock })
  return { home, workspace, outside, stores, ...askBroker({ permissions: both, ...options, files: stores }) }
}

export const at = (path: string, facet = 'workspace') => ({ facet, path })
export const bytes = (size: number) => new Uint8Array(size).fill(97)
export const textOf = (value: unknown) => Buffer.from(value as Uint8Array).toString()

import { PluginError } from '@covent/core'

const depthCap = 32
const nameBytes = 255
// Control characters, and characters that nobody sees and some file systems leave out when they compare names.
const hidden = /[\p{Cc}\p{Default_Ignorable_Code_Point}\\]/u

const refuse = (path: string, why: string): never => {
  throw new PluginError('plugin.input-invalid', `the path ${JSON.stringify(path.slice(0, 200))} ${why}`)
}

/** The names of a relative path, of which none leads up or out. The empty path is the folder itself. */
export const namesOf = (path: string): readonly string[] => {
  if (path === '') return []
  if (!path.isWellFormed() || hidden.test(path))
    return refuse(path, 'holds a character that no path may hold')
  const names = path.split('/')
  if (names.some((name) => name === '' || name === '.' || name === '..'))
    return refuse(path, 'must be made of names alone: no "..", ".", "//", nor a slash at its ends')
  if (names.length > depthCap || names.some((name) => Buffer.byteLength(name) > nameBytes))
    return refuse(path, `is too deep or too long: ${depthCap} names of ${nameBytes} bytes at most`)
  return names
}

const closedNames = new Set([
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.kube',
  '.docker',
  '.netrc',
  '.npmrc',
  '.pgpass',
  '.git-credentials',
])

/** True for places of credentials, which no grant opens. */
export const isClosed = (names: readonly string[]): boolean => {
  const plain = names.map((name) => name.normalize('NFKC').toLowerCase())
  const settings = plain.indexOf('.config')
  const isToken = (name: string, at: number): boolean => at > settings && name.startsWith('token')
  return plain.some((name) => closedNames.has(name)) || (settings >= 0 && plain.some(isToken))
}

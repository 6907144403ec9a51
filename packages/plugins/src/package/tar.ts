import { PluginError } from '@covent/core'

/** Names of files, `assets/icon.svg`, with what they hold. */
export type Files = ReadonlyMap<string, Uint8Array>

export const maxFiles = 200
export const maxBytes = 10_485_760

const block = 512
const nameCap = 100
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

const refuse = (why: string): never => {
  throw new PluginError('plugin.package-invalid', `the package is refused: ${why}`)
}

const segment = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/

/** Plain relative names only: no `..`, no leading slash or dot, nothing that two file systems read differently. */
const checkName = (name: string): void => {
  if (name.length <= nameCap && name.split('/').every((part) => segment.test(part))) return
  refuse(`the name ${JSON.stringify(name.slice(0, nameCap))} is not allowed`)
}

const checkNames = (names: readonly string[]): void => {
  if (names.length > maxFiles) refuse(`it holds more than ${maxFiles} files`)
  names.forEach(checkName)
  const folded = new Set(names.map((name) => name.toLowerCase()))
  if (folded.size < names.length) refuse('two of its files share a name')
  const folders = names.flatMap((name) =>
    [...name.matchAll(/\//g)].map(({ index }) => name.slice(0, index).toLowerCase()),
  )
  const clash = folders.find((folder) => folded.has(folder))
  if (clash !== undefined) refuse(`${clash} is a file and a folder`)
}

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`

const header = (name: string, size: number): Uint8Array => {
  const bytes = new Uint8Array(block)
  const put = (at: number, text: string): void => bytes.set(encoder.encode(text), at)
  put(0, name)
  put(100, octal(0o644, 8))
  put(108, octal(0, 8))
  put(116, octal(0, 8))
  put(124, octal(size, 12))
  put(136, octal(0, 12))
  put(148, ' '.repeat(8))
  put(156, '0')
  put(257, 'ustar\u000000')
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  put(148, `${octal(sum, 7)} `)
  return bytes
}

const padded = (size: number): number => Math.ceil(size / block) * block

/** Sorted names, mode 0644, no times and no owners: the same files give the same bytes. */
export const writeTar = (files: Files): Uint8Array => {
  const names = [...files.keys()].toSorted()
  checkNames(names)
  const total = names.reduce((sum, name) => sum + block + padded(files.get(name)!.length), 2 * block)
  if (total > maxBytes) refuse(`it takes more than ${maxBytes} bytes unpacked`)
  const tar = new Uint8Array(total)
  let at = 0
  for (const name of names) {
    const bytes = files.get(name)!
    tar.set(header(name, bytes.length), at)
    tar.set(bytes, at + block)
    at += block + padded(bytes.length)
  }
  return tar
}

const textAt = (tar: Uint8Array, from: number, length: number): string => {
  const field = tar.subarray(from, from + length)
  const end = field.indexOf(0)
  try {
    return decoder.decode(end === -1 ? field : field.subarray(0, end))
  } catch {
    return refuse('a name is not UTF-8')
  }
}

const kinds: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '5': 'a folder entry',
  '6': 'a pipe',
}

const readEntry = (tar: Uint8Array, at: number): { readonly name: string; readonly bytes: Uint8Array } => {
  const name = textAt(tar, at, 100)
  const kind = textAt(tar, at + 156, 1)
  if (kind !== '0') refuse(`${JSON.stringify(name)} is ${kinds[kind] ?? 'no plain file'}`)
  checkName(name)
  const size = textAt(tar, at + 124, 12)
  if (!/^[0-7]{11}$/.test(size)) refuse(`the size of ${name} is not a number`)
  const start = at + block
  const bytes = tar.subarray(start, start + Number.parseInt(size, 8))
  if (bytes.length !== Number.parseInt(size, 8)) refuse(`${name} is cut off`)
  return { name, bytes }
}

/** Reads what `writeTar` writes and refuses everything else, by its reason where it has a known one. */
export const readTar = (tar: Uint8Array): Files => {
  const files = new Map<string, Uint8Array>()
  for (let at = 0; at + block <= tar.length && tar[at] !== 0;) {
    const { name, bytes } = readEntry(tar, at)
    if (files.has(name)) refuse(`${name} stands in it twice`)
    if (files.size === maxFiles) refuse(`it holds more than ${maxFiles} files`)
    files.set(name, bytes)
    at += block + padded(bytes.length)
  }
  if (Buffer.compare(writeTar(files), tar) !== 0) refuse('it is not packed as `covent plugin build` packs')
  return files
}

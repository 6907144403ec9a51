import { spawn } from 'node:child_process'
import { SecretError } from '@covent/core'
import type { Keychain } from '../keys/keychain-keys.ts'

export interface SystemKeychainOptions {
  /** Tells one home's entry from another's. */
  readonly home: string
  /** Of the program that is asked; that of this process when absent. */
  readonly env?: NodeJS.ProcessEnv
  /** How long it may take: a locked keychain waits for somebody at its window. 5 s when absent. */
  readonly withinMs?: number
}

const program = 'secret-tool'

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly said: string
}

const silent = (why: string, cause?: unknown): SecretError =>
  new SecretError('secret.store-unavailable', `the keychain does not answer: ${why}`, { cause })

/** What it keeps comes and goes through pipes: arguments are everyone's to read. */
const ask = (words: readonly string[], text: string, options: SystemKeychainOptions): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const { env, withinMs = 5_000 } = options
    const child = spawn(program, words, { env: env ?? process.env, stdio: 'pipe', timeout: withinMs })
    const [out, said]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
    child.stdin.on('error', () => {}) // it ended without reading: its exit code says so
    child.on('error', (cause) =>
      reject(silent(`${program} cannot be run (Debian: apt-get install libsecret-tools)`, cause)),
    )
    child.on('close', (code, signal) => {
      if (signal !== null) return reject(silent(`it was not open within ${withinMs} ms`))
      resolve({ code, out: Buffer.concat(out).toString(), said: Buffer.concat(said).toString().trim() })
    })
    child.stdin.end(text)
  })

/** The keychain of a Linux session, which GNOME Keyring, KWallet or KeePassXC keep: the Secret Service of freedesktop.org. */
export const systemKeychain = (options: SystemKeychainOptions): Keychain => {
  const place = ['service', 'covent', 'home', options.home]
  const read = async (): Promise<string | undefined> => {
    const { code, out, said } = await ask(['lookup', ...place], '', options)
    if (code === 0 && out !== '') return out
    // It has one exit code for what is not there and what went wrong; only of the second does it speak.
    if (code === 1 && said === '') return undefined
    throw silent(said === '' ? `${program} ended with ${code}` : said.split('\n')[0]!)
  }
  return {
    read,
    async write(text) {
      const { code, said } = await ask(['store', '--label=Covent master key', ...place], text, options)
      if (code !== 0) throw silent(said === '' ? `${program} ended with ${code}` : said.split('\n')[0]!)
      if ((await read()) !== text) throw silent('it gives back something else than it was given')
    },
  }
}

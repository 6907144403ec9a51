import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Program, programPath } from './needs.ts'

const needed: readonly Program[] = ['secret-tool', 'gnome-keyring', 'dbus']

/** What of a session with a keychain this machine cannot start; undefined where it can. */
export const keychainMissing = (): string | undefined => {
  const missing = needed.filter((program) => programPath(program) === undefined)
  return missing.length === 0 ? undefined : `needs ${missing.join(', ')}`
}

/** A session as a desktop has it, with a GNOME keyring of its own. */
export interface KeychainSession {
  /** Of the programs that run in it. */
  readonly env: NodeJS.ProcessEnv
  stop(): Promise<void>
}

const firstLine = async (child: ChildProcess): Promise<string> => {
  const [chunk] = (await once(child.stdout!, 'data')) as [Buffer]
  return chunk.toString().split('\n')[0]!
}

const end = async (child: ChildProcess): Promise<void> => {
  const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
  child.kill('SIGKILL')
  await exited
}

/** A bus that starts no program by itself. */
const busSettings = (
  folder: string,
): string => `<busconfig><type>session</type><listen>unix:tmpdir=${folder}</listen>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>`

/** Starts a message bus, and a keyring that is open to it. */
export const keychainSession = async (): Promise<KeychainSession> => {
  const folder = mkdtempSync(join(tmpdir(), 'covent-keychain-'))
  const own = { HOME: folder, XDG_DATA_HOME: folder, XDG_RUNTIME_DIR: folder, XDG_CONFIG_HOME: folder }
  const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], ...own }
  const config = join(folder, 'bus.conf')
  writeFileSync(config, busSettings(folder))
  const busWords = [`--config-file=${config}`, '--nofork', '--print-address']
  const bus = spawn(programPath('dbus')!, busWords, { env, stdio: ['ignore', 'pipe', 'ignore'] })
  env['DBUS_SESSION_BUS_ADDRESS'] = await firstLine(bus)
  const words = ['--foreground', '--unlock', '--components=secrets']
  const keyring = spawn(programPath('gnome-keyring')!, words, { env, stdio: ['pipe', 'ignore', 'ignore'] })
  keyring.stdin.end('a password')
  const isUp = (): boolean =>
    spawnSync(programPath('secret-tool')!, ['lookup', 'any', 'thing'], { env }).stderr.length === 0
  for (let tries = 0; !isUp(); tries++) {
    if (tries === 100) throw new Error('the keyring does not answer')
    await sleep(50)
  }
  return {
    env,
    async stop() {
      await Promise.all([end(keyring), end(bus)])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

import { chmod, mkdir, rm, stat } from 'node:fs/promises'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { ConfigurationError } from '@covent/core'
import { listen } from './http-server.ts'

/** The length of `sun_path` without its end: 108 bytes on Linux, 104 on macOS and the BSDs. */
const longestPath = process.platform === 'linux' ? 107 : 103

const checkLength = (path: string): void => {
  const size = Buffer.byteLength(path)
  if (size <= longestPath) return
  const message = `COVENT_HOME is too long: the admin socket ${path} has ${size} bytes, and the system allows ${longestPath}.`
  throw new ConfigurationError('config.home-unusable', message)
}

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Takes away what a killed server left; one that answers stays. */
const clear = async (path: string): Promise<void> => {
  if (!(await exists(path))) return
  if (await answers(path))
    throw new ConfigurationError('config.home-in-use', `Another server answers at ${path}.`)
  await rm(path)
}

/** Listens where only the server's own user can connect: a folder of mode 0700 holds a socket of mode 0600. */
export const listenAdmin = async (server: Server, path: string): Promise<void> => {
  checkLength(path)
  const folder = dirname(path)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
    await clear(path)
    await listen(server, { path })
    await chmod(path, 0o600)
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw cause
    throw new ConfigurationError('config.home-unusable', `The admin socket ${path} cannot be made.`, {
      cause,
    })
  }
}

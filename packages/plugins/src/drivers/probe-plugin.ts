/** Tries what a plugin must not be able to do, and says how each attempt ended. Runs in the sandbox. */
export const probePlugin = `
import { definePlugin, z } from '@covent/plugin-sdk'

const attempt = (act) => {
  try {
    act()
    return 'broken'
  } catch (error) {
    return String(error.code ?? error.name)
  }
}
const fs = () => process.getBuiltinModule('node:fs')
const connect = (port) =>
  new Promise((resolve) => {
    try {
      const socket = process.getBuiltinModule('node:net').connect(port, '127.0.0.1')
      socket.once('connect', () => resolve('broken'))
      socket.once('error', (error) => resolve(String(error.code)))
    } catch (error) {
      resolve(String(error.code))
    }
  })
const write = (path) => {
  fs().writeFileSync(path, 'x')
  fs().unlinkSync(path)
}

export default definePlugin({
  id: 'covent.probe', version: '1.0.0', type: 'utility', description: 'Tries to break out of its sandbox.',
  actions: {
    try: {
      description: 'Tries everything', effect: 'read',
      input: z.object({ files: z.array(z.string()), folder: z.string(), port: z.number(), pid: z.number() }),
      output: z.object({
        fs: z.array(z.string()), disk: z.array(z.string()), net: z.string(), signals: z.string(),
        env: z.array(z.string()), native: z.string(), parent: z.number(),
        release: z.string(), bootedAt: z.number(),
      }),
      async run({ files, folder, port, pid }) {
        const { release, uptime } = process.getBuiltinModule('node:os')
        const written = [folder, '', '/app', '/tmp', '/var/tmp', '/dev', '/dev/shm', '/run']
        return {
          fs: files.map((path) => attempt(() => fs().readFileSync(path))),
          disk: written.map((path) => attempt(() => write(path + '/covent-probe'))),
          net: await connect(port),
          signals: attempt(() => process.kill(pid, 0)),
          env: Object.keys(process.env),
          native: attempt(() => process.dlopen({ exports: {} }, files[0])),
          parent: process.ppid,
          release: release(),
          bootedAt: Date.now() - uptime() * 1000,
        }
      },
    },
  },
})
`

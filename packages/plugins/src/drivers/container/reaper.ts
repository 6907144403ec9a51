import { spawn } from 'node:child_process'
import { ownerLabel, sandboxLabel } from './container-options.ts'

/** Waits for the end of its input, which comes with the end of the server, and removes that server's containers. */
const script = `
const { request } = require('node:http')
const [socketPath, label] = process.argv.slice(1)
const ask = (method, path) => new Promise((resolve) => {
  const sent = request({ socketPath, method, path, headers: { host: 'engine' } }, async (response) => {
    let text = ''
    for await (const chunk of response) text += chunk
    resolve(text)
  })
  sent.once('error', () => resolve('[]'))
  sent.end()
})
const sweep = async () => {
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }))
  const found = JSON.parse(await ask('GET', '/containers/json?all=1&filters=' + filters))
  await Promise.all(found.map(({ Id }) => ask('DELETE', '/containers/' + Id + '?force=true&v=true')))
}
process.stdin.resume().once('end', async () => {
  await sweep().catch(() => {})
  setTimeout(sweep, 1000) // one that was just being made
})`

/**
 * A process that outlives this server by a moment, and ends the containers that it leaves behind: an engine does not,
 * and a plugin that loops does not see that its channel is gone.
 */
export const startReaper = (socketPath: string): void => {
  const label = `${sandboxLabel}=${ownerLabel()}`
  const args = ['--max-old-space-size=16', '--disable-sigusr1', '-e', script, socketPath, label]
  // A group of its own: what ends the server's must not end it too.
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
    detached: true,
  })
  child.on('error', () => {}) // the next server removes what is left
  child.stdin.on('error', () => {}) // it was ended; the same
  child.unref()
  ;(child.stdin as unknown as { unref?(): void }).unref?.()
}

import type { DeviceView } from '@covent/api/client'
import { type Role, roles } from '@covent/core'
import { Command, Option } from 'commander'
import { operator } from '../home.ts'
import { bold, dim, shown, type Terminal, writeJson, writeLine } from '../terminal.ts'

interface Shared {
  readonly json?: boolean
}

const lineOf = (device: DeviceView, out: Terminal['stdout']): string => {
  const state = device.revokedAt === undefined ? 'live' : 'revoked'
  const signedIn = `last sign-in ${device.lastSignInAt.slice(0, 16).replace('T', ' ')}`
  return `${device.id}  ${bold(shown(device.name, out), out)}  ${dim([device.role, state, signedIn].join(', '), out)}`
}

/** `pair`: shows the one live code. */
export const pairCommand = ({ env, stdout, stderr }: Terminal): Command =>
  new Command('pair')
    .description('Show a code by which one browser or device is paired, within five minutes')
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).default('user'))
    .option('--json', 'write JSON')
    .action(async ({ role, json }: Shared & { readonly role: Role }) => {
      const offer = await operator(env).devices.offer(role)
      if (json === true) return writeJson(stdout, offer)
      writeLine(stderr, dim(`Type this at the device, which will have the role ${role}:`, stderr))
      writeLine(stdout, offer.code)
    })

/** `devices list | revoke`. */
export const devicesCommand = ({ env, stdout, stderr }: Terminal): Command => {
  const devices = new Command('devices').description('List and revoke paired devices')
  devices
    .command('list')
    .description('All devices')
    .option('--json', 'write JSON')
    .action(async ({ json }: Shared) => {
      const all = await operator(env).devices.list()
      if (json === true) return writeJson(stdout, all)
      for (const device of all) writeLine(stdout, lineOf(device, stdout))
      if (all.length === 0) writeLine(stderr, 'No device is paired; show a code with `covent pair`.')
    })
  devices
    .command('revoke')
    .description('Let that device in no more; its sessions end')
    .argument('<id>')
    .option('--json', 'write JSON')
    .action(async (id: string, { json }: Shared) => {
      await operator(env).devices.revoke(id)
      if (json === true) writeJson(stdout, { id, revoked: true })
      else writeLine(stdout, `${id} is revoked.`)
    })
  return devices
}

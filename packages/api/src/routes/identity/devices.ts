import { ClientError } from '@covent/core'
import * as z from 'zod'
import type { Chain } from '../../http/chain.ts'
import { route } from '../../http/route.ts'
import { checkHandedOut } from '../../identity/handed-out.ts'
import {
  challengeSchema,
  deviceId,
  deviceSchema,
  deviceView,
  newDevice,
  pairingOffer,
  pairingWish,
} from '../../schemas/device.ts'
import { isoTime, pageOf } from '../../schemas/page.ts'
import { proving } from './proving.ts'

const offer = ({ deps: { devices, audit } }: Chain) =>
  route({
    method: 'POST',
    path: '/api/pairing',
    operationId: 'offerPairing',
    summary: 'Make the one live code by which a device is paired',
    scope: 'devices:write',
    body: pairingWish,
    responses: { 201: { description: 'The code; an earlier one is gone', schema: pairingOffer } },
    async handle({ principal, body: { role } }) {
      checkHandedOut(principal, { role })
      const actor = { kind: 'principal', id: principal.id } as const
      await audit.record({ actor, action: 'pairing.offer', outcome: 'allowed', data: { role } })
      const { code, expiresAt } = await devices.offer({ role, issuer: principal.id })
      return { status: 201, body: { code, expiresAt: isoTime(expiresAt) } }
    },
  })

const challenge = ({ deps: { devices } }: Chain) =>
  route({
    method: 'GET',
    path: '/api/pairing/challenge',
    operationId: 'getChallenge',
    summary: 'What a device signs to prove itself, within a minute',
    scope: 'public',
    responses: { 200: { description: 'A new one', schema: challengeSchema } },
    handle() {
      const made = devices.challenge()
      return { status: 200, body: { ...made, expiresAt: isoTime(made.expiresAt) } }
    },
  })

const pair = (chain: Chain) =>
  route({
    method: 'POST',
    path: '/api/devices',
    operationId: 'pairDevice',
    summary: 'Pair a device by the code that its owner sees',
    scope: 'public',
    rate: 'pairing',
    body: newDevice,
    responses: { 201: { description: 'It is paired', schema: deviceSchema } },
    async handle({ exchange, body: { challenge, signature, ...device } }) {
      const prove = proving(chain, exchange, 'device.pair')
      const made = await prove((origin) =>
        chain.deps.devices.pair({ ...device, proof: { challenge, signature, origin } }),
      )
      return { status: 201, body: deviceView(made) }
    },
  })

const list = ({ deps: { devices } }: Chain) =>
  route({
    method: 'GET',
    path: '/api/devices',
    operationId: 'listDevices',
    summary: 'Paired devices',
    scope: 'devices:read',
    responses: { 200: { description: 'All of them', schema: pageOf(deviceSchema) } },
    handle: async () => ({ status: 200, body: { items: (await devices.list()).map(deviceView) } }),
  })

const revoke = ({ deps: { devices, audit } }: Chain) =>
  route({
    method: 'DELETE',
    path: '/api/devices/:id',
    operationId: 'revokeDevice',
    summary: 'Let a device in no more; its sessions end',
    scope: 'devices:write',
    params: z.object({ id: deviceId }),
    responses: { 204: { description: 'It is revoked' } },
    async handle({ principal, params: { id } }) {
      const actor = { kind: 'principal', id: principal.id } as const
      await audit.record({ actor, action: 'device.revoke', target: id, outcome: 'allowed' })
      if (await devices.revoke(id)) return { status: 204 }
      throw new ClientError('request.not-found', 'There is no live device of that id.')
    },
  })

export const deviceRoutes = (chain: Chain) => [
  offer(chain),
  challenge(chain),
  pair(chain),
  list(chain),
  revoke(chain),
]

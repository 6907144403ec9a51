import { ClientError } from '@covent/core'
import * as z from 'zod'
import type { Chain } from '../../http/chain.ts'
import { route } from '../../http/route.ts'
import { newSession, sessionId, sessionSchema, sessionView } from '../../schemas/device.ts'
import { pageOf } from '../../schemas/page.ts'
import { proving } from './proving.ts'

const json = ['Content-Type', 'application/json; charset=utf-8'] as const

const open = (chain: Chain) =>
  route({
    method: 'POST',
    path: '/api/sessions',
    operationId: 'openSession',
    summary: 'Sign in as a paired device: the answer sets a cookie',
    scope: 'public',
    body: newSession,
    responses: { 201: { description: 'A new session', schema: sessionSchema } },
    async handle({ exchange, body: { device, ...proof } }) {
      const { sessions } = chain.deps
      const before = chain.cookie().read(exchange.request)
      const prove = proving(chain, exchange, 'session.open')
      const session = await prove((origin) => sessions.open(device, { ...proof, origin }))
      const left = before === undefined ? undefined : await sessions.find(before)
      if (left !== undefined) await sessions.end(left.session.id)
      return {
        status: 201,
        body: sessionView(session, session.id),
        headers: [...json, ...chain.cookie().write(session.token)],
      }
    },
  })

const list = ({ deps: { sessions } }: Chain) =>
  route({
    method: 'GET',
    path: '/api/sessions',
    operationId: 'listSessions',
    summary: 'Your live sessions',
    scope: 'sessions:read',
    owned: true,
    responses: { 200: { description: 'All of them', schema: pageOf(sessionSchema) } },
    async handle({ exchange, principal }) {
      const all = await sessions.list(principal.id)
      return { status: 200, body: { items: all.map((one) => sessionView(one, exchange.session?.id)) } }
    },
  })

const end = (chain: Chain) =>
  route({
    method: 'DELETE',
    path: '/api/sessions/:id',
    operationId: 'endSession',
    summary: 'Sign out of one of your sessions',
    scope: 'sessions:write',
    owned: true,
    params: z.object({ id: sessionId }),
    responses: { 204: { description: 'It has ended' } },
    async handle({ exchange, principal, params: { id } }) {
      const { sessions, audit } = chain.deps
      if (!(await sessions.list(principal.id)).some((one) => one.id === id))
        throw new ClientError('request.not-found', 'You have no live session of that id.')
      const actor = { kind: 'principal', id: principal.id } as const
      await audit.record({ actor, action: 'session.end', target: id, outcome: 'allowed' })
      await sessions.end(id)
      return { status: 204, ...(exchange.session?.id === id && { headers: chain.cookie().write() }) }
    },
  })

export const sessionRoutes = (chain: Chain) => [open(chain), list(chain), end(chain)]

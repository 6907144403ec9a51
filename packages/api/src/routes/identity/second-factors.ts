import { AuthError, type AuditOutcome, ClientError, type SessionRecord } from '@covent/core'
import type { Chain } from '../../http/chain.ts'
import type { Exchange } from '../../http/exchange.ts'
import { type Route, route } from '../../http/route.ts'
import { codeSchema, provenSchema, secondFactorSchema } from '../../schemas/device.ts'
import { isoTime } from '../../schemas/page.ts'

const sessionOf = ({ session }: Exchange): SessionRecord => {
  if (session !== undefined) return session
  throw new ClientError('request.malformed', 'Only the session of a paired device has a second factor.')
}

const recording =
  ({ deps: { audit } }: Chain) =>
  (action: string, { deviceId }: SessionRecord, outcome: AuditOutcome = 'allowed') =>
    audit.record({ actor: { kind: 'principal', id: deviceId }, action, target: deviceId, outcome })

const checkProven = async ({ deps }: Chain, session: SessionRecord): Promise<void> => {
  if (await deps.secondFactors.isOwed(session))
    throw new AuthError('auth.proof-owed', 'Prove the second factor that you have first.')
}

/** A second factor of the device whose session asks. */
export const secondFactorRoutes = (chain: Chain): readonly Route[] => {
  const { secondFactors } = chain.deps
  const record = recording(chain)
  return [
    route({
      method: 'POST',
      path: '/api/second-factor',
      operationId: 'enrolSecondFactor',
      summary: 'Make a secret for an authenticator; it counts once a code of it was proved',
      scope: 'sessions:write',
      responses: { 201: { description: 'The secret, shown this once', schema: secondFactorSchema } },
      async handle({ exchange }) {
        const session = sessionOf(exchange)
        await checkProven(chain, session)
        await record('second-factor.enrol', session)
        return { status: 201, body: await secondFactors.enrol(session.deviceId) }
      },
    }),
    route({
      method: 'POST',
      path: '/api/second-factor/proof',
      operationId: 'proveSession',
      summary: 'Prove the second factor: for ten minutes this session may change the server',
      scope: 'sessions:write',
      rate: 'pairing',
      body: codeSchema,
      responses: { 200: { description: 'How long', schema: provenSchema } },
      async handle({ exchange, body: { code } }) {
        const session = sessionOf(exchange)
        try {
          const { provenUntil } = await secondFactors.prove(session, code)
          await record('second-factor.prove', session)
          return { status: 200, body: { provenUntil: isoTime(provenUntil) } }
        } catch (error) {
          await record('second-factor.prove', session, 'denied')
          throw error
        }
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/second-factor',
      operationId: 'removeSecondFactor',
      summary: 'Do without a second factor from now on',
      scope: 'sessions:write',
      responses: { 204: { description: 'There is none any more' } },
      async handle({ exchange }) {
        const session = sessionOf(exchange)
        await checkProven(chain, session)
        await record('second-factor.remove', session)
        if (!(await secondFactors.remove(session.deviceId)))
          throw new ClientError('request.not-found', 'This device has no second factor.')
        return { status: 204 }
      },
    }),
  ]
}

import { createHmac, timingSafeEqual } from 'node:crypto'
import {
  AuthError,
  type Clock,
  ConfigurationError,
  type KeyValueStore,
  newId,
  type Secrets,
} from '@covent/core'

export interface SignatureOptions {
  /** Name of the operator's secret; undefined where none is set. */
  readonly secretName: string | undefined
  readonly plugin: string
  readonly secrets: Secrets | undefined
  readonly keyValues: KeyValueStore
  readonly clock: Clock
}

export interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly raw: Uint8Array
}

const toleranceMs = 300_000
const base64Prefix = 'whsec_'

const refuse = (why: string): AuthError => new AuthError('auth.signature-invalid', why)

const keyOf = (secret: string): Buffer =>
  secret.startsWith(base64Prefix)
    ? Buffer.from(secret.slice(base64Prefix.length), 'base64')
    : Buffer.from(secret)

const secretOf = async ({ secretName, plugin, secrets }: SignatureOptions): Promise<string> => {
  const value = secretName === undefined ? undefined : await secrets?.get(secretName)
  if (value !== undefined && value !== '') return value
  const way =
    secretName === undefined
      ? `name its secret in the setting plugins.routeSecrets["${plugin}"]`
      : `run \`covent secrets set ${secretName}\`, or set COVENT_SECRET_${secretName} in the environment`
  throw new ConfigurationError('config.secret-missing', `${plugin} takes signed requests; ${way}`)
}

const isSigned = (given: string, expected: Buffer): boolean =>
  given.split(' ').some((one) => {
    const [version, signature = ''] = one.split(',')
    const bytes = Buffer.from(signature, 'base64')
    return version === 'v1' && bytes.length === expected.length && timingSafeEqual(bytes, expected)
  })

/** Throws unless the request is signed by Standard Webhooks, now, with the operator's secret. Returns its id. */
const verify = async (request: SignedRequest, options: SignatureOptions): Promise<string> => {
  const secret = await secretOf(options)
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': given } = request.headers
  if (!id || !timestamp || !given || id.length > 200 || !/^\d{1,12}$/.test(timestamp))
    throw refuse('This needs webhook-id, webhook-timestamp and webhook-signature.')
  const hmac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(request.raw)
  if (!isSigned(given, hmac.digest())) throw refuse('The signature does not hold.')
  if (Math.abs(options.clock.now() - Number(timestamp) * 1_000) > toleranceMs)
    throw refuse('The signature is of another time: more than five minutes away.')
  return id
}

/** No plugin has an id without a point, so none reaches these values. */
const namespace = { plugin: 'routes', scope: 'plugin', owner: '' } as const

/**
 * Runs `work` for a request that is signed, once for its id, also over restarts. Where the work fails the id may come
 * again, as senders then do.
 */
export const onceSigned = async <T>(
  request: SignedRequest,
  options: SignatureOptions,
  work: () => Promise<T>,
): Promise<T> => {
  const { plugin, keyValues, clock } = options
  const key = `${plugin}/${await verify(request, options)}`
  const nowMs = clock.now()
  const write = () => ({ operationId: newId('call', nowMs), nowMs: clock.now() })
  const taken = { ...write(), expiresAt: nowMs + 2 * toleranceMs + 1_000 }
  if (!(await keyValues.compareAndSet(namespace, key, { expected: undefined, next: true }, taken)))
    throw refuse('A request of this webhook-id was taken already.')
  try {
    return await work()
  } catch (error) {
    await keyValues.delete(namespace, key, write())
    throw error
  }
}

import type { IncomingMessage } from 'node:http'
import {
  type Clock,
  type Egress,
  EgressError,
  type EgressLimits,
  type EgressPolicy,
  type EgressRequest,
  type EgressResponse,
  type Service,
} from '@covent/core'
import { checkedAddresses, type Resolve } from './names/addresses.ts'
import { type Caller, callers, limitsOf } from './caller.ts'
import { exchange } from './exchange.ts'
import { checkGranted } from './grants.ts'
import { checkedHeaders, withoutContent, withoutCredentials } from './headers.ts'
import { secretsFor, withSecrets } from './secrets/injection.ts'
import { maskOf } from './secrets/mask.ts'
import { nameLookup } from './names/name-lookup.ts'
import { readBody } from './response-body.ts'
import { systemResolve } from './names/system-resolve.ts'
import { guardedConnect } from './sockets/guarded-connect.ts'
import { parseTarget, type Target } from './target.ts'
import { abortable, within } from './within.ts'

export interface GuardedFetchOptions {
  readonly clock: Clock
  /** Addresses of a name, once for each hop; the system's name servers, then its hosts file, when absent. */
  readonly resolve?: Resolve
  /** Certificates (PEM) that are trusted instead of Node's own. */
  readonly ca?: string
}

type WebTarget = Target & { readonly scheme: (typeof web)[number] }

interface Step {
  readonly target: WebTarget
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
}

/** What all hops of one request share. */
interface Trip {
  readonly policy: EgressPolicy
  readonly limits: EgressLimits
  readonly caller: Caller
  readonly signal: AbortSignal
  readonly resolve: Resolve
  pace(bytes: number): Promise<void>
  /** Values that went out. */
  readonly sent: Set<string>
}

const web = ['https', 'http'] as const
const redirectCap = 5
const redirects = [301, 302, 303, 307, 308]

const firstStep = (
  { url, method = 'GET', headers = {}, body }: EgressRequest,
  limits: EgressLimits,
): Step => {
  const size = body?.byteLength ?? 0
  if (size > limits.requestBytes)
    throw new EgressError('egress.request-too-large', `the body is larger than ${limits.requestBytes} bytes`)
  return { target: parseTarget(url, web), method, headers: checkedHeaders(headers), body }
}

const send = async (trip: Trip, { target, method, headers, body }: Step): Promise<IncomingMessage> => {
  const { policy, caller, signal, resolve, pace, sent } = trip
  checkGranted(policy.grants, target, method)
  const rules = { resolve, allowPrivate: policy.allowPrivate ?? false }
  const { addresses, isPrivate } = await abortable(checkedAddresses(target.host, rules), signal)
  const secrets = secretsFor(policy.secrets ?? [], target, isPrivate)
  const outgoing = withSecrets(headers, secrets)
  for (const { value } of secrets) sent.add(value)
  await pace(body?.byteLength ?? 0)
  return exchange({ target, addresses, method, headers: outgoing, body, caller, signal })
}

/** The step that a redirect asks for. Another origin gets no credentials, and a POST becomes a GET as browsers have it. */
const nextStep = (step: Step, status: number, location: string): Step => {
  if (!URL.canParse(location, step.target.url))
    throw new EgressError('egress.response-invalid', 'the response redirects to no URL')
  const target = parseTarget(new URL(location, step.target.url).href, web)
  const isSame = target.url.origin === step.target.url.origin
  const headers = isSame ? step.headers : withoutCredentials(step.headers)
  const becomesGet = status === 303 ? step.method !== 'HEAD' : status < 303 && step.method === 'POST'
  if (becomesGet) return { target, method: 'GET', headers: withoutContent(headers), body: undefined }
  return { ...step, target, headers }
}

const answer = async (
  trip: Trip,
  { target, method }: Step,
  message: IncomingMessage,
): Promise<EgressResponse> => {
  const { limits, pace, signal } = trip
  const body = await readBody(message, method, { capBytes: limits.responseBytes, pace, signal })
  const mask = maskOf([...trip.sent])
  const {
    'content-encoding': _,
    'content-length': __,
    'transfer-encoding': ___,
    ...headers
  } = message.headers
  const entries = Object.entries(headers).map(([name, value]) => [
    mask.text(name),
    mask.text(Array.isArray(value) ? value.join(', ') : (value ?? '')),
  ])
  return {
    url: mask.text(target.url.href),
    status: message.statusCode ?? 0,
    headers: Object.fromEntries(entries),
    body: mask.bytes(body),
  }
}

const travel = async (trip: Trip, first: Step): Promise<EgressResponse> => {
  let step = first
  for (let hops = 0; hops <= redirectCap; hops++) {
    const message = await send(trip, step)
    const { location } = message.headers
    const status = message.statusCode ?? 0
    if (location === undefined || !redirects.includes(status)) return answer(trip, step, message)
    message.destroy()
    step = nextStep(step, status, location)
  }
  throw new EgressError('egress.redirect-refused', `there were more than ${redirectCap} redirects`)
}

/** The guarded way out. Connections are kept for reuse, each by the one caller that opened it. */
export const guardedFetch = (options: GuardedFetchOptions): Egress & Service => {
  const { clock, resolve = systemResolve(), ca } = options
  const known = callers({ clock, ca })

  const stopped = new AbortController()
  return {
    name: 'egress',
    resolve: nameLookup({ clock, resolve }),
    connect: guardedConnect({ clock, resolve, ca, callers: known, stopped: stopped.signal }),
    async fetch(request, policy) {
      request.signal?.throwIfAborted()
      const limits = limitsOf(policy)
      const first = firstStep(request, limits)
      checkGranted(policy.grants, first.target, first.method)
      using place = known.take(policy, limits, 'requests')
      const { caller } = place
      return await within({ clock, timeoutMs: limits.timeoutMs, signal: request.signal }, (signal) => {
        const pace = async (bytes: number): Promise<void> => {
          const waitMs = caller.bucket.take(bytes)
          if (waitMs > 0) await clock.sleep(waitMs, signal)
        }
        return travel({ policy, limits, caller, signal, resolve, pace, sent: new Set() }, first)
      })
    },
    async stop() {
      stopped.abort(new EgressError('egress.connection-failed', 'the server stops'))
      known.close()
    },
  }
}

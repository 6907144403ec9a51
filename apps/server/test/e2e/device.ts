import { generateKeyPairSync, sign } from 'node:crypto'
import { overSocket } from './support.ts'

export interface TestDevice {
  readonly id: string
  readonly publicKey: string
  /** A new session: its answer, which sets the cookie. */
  signIn(headers?: Readonly<Record<string, string>>): Promise<Response>
  /** A proof as it is sent, for another origin where one is named. */
  proof(purpose: 'pair' | 'session', origin?: string): Promise<{ challenge: string; signature: string }>
}

export const postJson = (url: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

/** `name=value` of a cookie that an answer sets. */
export const cookieOf = (answer: Response): string => answer.headers.get('set-cookie')!.split(';')[0]!

/** A device of that role, paired by a code of the admin socket. */
export const pairedDevice = async (url: string, home: string, role = 'user'): Promise<TestDevice> => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const proof: TestDevice['proof'] = async (purpose, origin = url) => {
    const answer = await fetch(`${url}/api/pairing/challenge`)
    const { challenge } = (await answer.json()) as { challenge: string }
    const text = Buffer.from(`covent/${purpose}\n${origin}\n${challenge}`)
    return { challenge, signature: sign(null, text, privateKey).toString('base64url') }
  }
  const offer = await overSocket(home, { method: 'POST', path: '/api/pairing', body: { role } })
  const { code } = JSON.parse(offer.text) as { code: string }
  const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
  const body = { code, name: 'phone', publicKey: spki, ...(await proof('pair')) }
  const { id } = (await (await postJson(`${url}/api/devices`, body)).json()) as { id: string }
  return {
    id,
    publicKey: spki,
    proof,
    signIn: async (headers = {}) =>
      postJson(`${url}/api/sessions`, { device: id, ...(await proof('session')) }, headers),
  }
}

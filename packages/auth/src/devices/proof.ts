import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { type Proof, ValidationError } from '@covent/core'

/** What the signature is for: one of pairing opens no session. */
export type ProofPurpose = 'pair' | 'session'

/** What a device signs. */
export const signedText = (purpose: ProofPurpose, { origin, challenge }: Omit<Proof, 'signature'>): Buffer =>
  Buffer.from(`covent/${purpose}\n${origin}\n${challenge}`)

const isUsable = ({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean =>
  type === 'ed25519' || (type === 'ec' && details?.namedCurve === 'prime256v1')

/** The public key of base64 SPKI. Throws `validation.failed` for what is neither Ed25519 nor P-256. */
export const deviceKey = (publicKey: string): KeyObject => {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
    if (isUsable(key)) return key
  } catch {
    // Told below, alike for all that is no such key.
  }
  const message = 'publicKey: send an Ed25519 or P-256 public key as SPKI in DER, base64'
  throw new ValidationError('validation.failed', message, { data: { param: 'publicKey' } })
}

/** Whether the holder of that key signed it for this purpose, origin and challenge. P-256 signs as WebCrypto does, r and s in 64 bytes. */
export const isProven = (key: KeyObject, purpose: ProofPurpose, proof: Proof): boolean => {
  const signature = Buffer.from(proof.signature, 'base64url')
  const digest = key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  return verify(digest, signedText(purpose, proof), { key, dsaEncoding: 'ieee-p1363' }, signature)
}

import { spec } from './spec.ts'

export const authCodes = {
  'auth.credential-missing': spec(
    401,
    'Credential missing',
    'Send Authorization: Bearer with a key from `covent keys create`.',
  ),
  'auth.credential-invalid': spec(
    401,
    'Credential not valid',
    'Check the key, or make a new one with `covent keys create`.',
  ),
  'auth.proof-invalid': spec(
    401,
    'Proof of a device not valid',
    'Get a new challenge, and sign it for the origin that you call.',
  ),
  'auth.code-invalid': spec(
    401,
    'Pairing code not valid',
    'Let `covent pair` show a new code, and type that.',
  ),
  'auth.too-soon': spec(429, 'Too soon after a wrong code', 'Try again after the time in Retry-After.'),
  'auth.proof-owed': spec(
    403,
    'Second factor owed',
    'Send a code of your authenticator to POST /api/second-factor/proof first.',
  ),
  'auth.transport-insecure': spec(
    403,
    'Not over HTTPS',
    'Use HTTPS through a proxy of http.trustedProxies, or a loopback address.',
  ),
  'auth.signature-invalid': spec(
    401,
    'Signature not valid',
    'Sign the request by Standard Webhooks, with the secret that the operator named, at the time of sending.',
  ),
  'auth.forbidden': spec(403, 'Not allowed', 'Use a credential whose role or scopes allow it.'),
} as const

import { spec } from './spec.ts'

export const secretCodes = {
  'secret.name-invalid': spec(
    400,
    'Name of a secret is not valid',
    'Use letters, digits and _, at most 64, beginning with a letter.',
  ),
  'secret.value-invalid': spec(
    422,
    'Value of a secret is not valid',
    'Give it the value that its provider shows.',
  ),
  'secret.integrity-broken': spec(
    500,
    'Secrets were changed from outside',
    'Restore them from a backup, or set the secret anew.',
  ),
  'secret.key-missing': spec(
    500,
    'Master key missing',
    'Put back the key that the message names; nothing was changed.',
  ),
  'secret.key-unknown': spec(500, 'Master key unknown', 'Add the key that the message names to the ring.'),
  'secret.key-invalid': spec(500, 'Master key cannot be read', 'Give 32 bytes in base64 or hex.'),
  'secret.sealed': spec(503, 'Secrets are sealed', 'Give the server its master key and start it again.'),
  'secret.store-unavailable': spec(
    503,
    'Secrets cannot be kept',
    'Check the folder and the disk that the message names.',
  ),
} as const

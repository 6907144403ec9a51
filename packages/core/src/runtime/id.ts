const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const randomBytes = new Uint8Array(16 * 64)

const timePart = (ms: number): string => {
  let text = ''
  for (let rest = ms, n = 0; n < 10; n++) {
    text = alphabet[rest % 32] + text
    rest = Math.floor(rest / 32)
  }
  return text
}

let used = randomBytes.length
const randomPart = (): string => {
  if (used === randomBytes.length) {
    crypto.getRandomValues(randomBytes)
    used = 0
  }
  let text = ''
  for (let n = 0; n < 16; n++) text += alphabet[randomBytes[used++]! & 31]
  return text
}

export type IdKind =
  | 'conv'
  | 'msg'
  | 'turn'
  | 'call'
  | 'key'
  | 'dev'
  | 'ses'
  | 'req'
  | 'chatcmpl'
  | 'mem'
  | 'evt'
  | 'rep'
  | 'job'

/**
 * A new id: kind, 48 bits of time and 80 bits of randomness (`msg_01k9…`), so that ids sort by time of making and
 * cannot be guessed. Within one millisecond their order is random: where order matters, sort by sequence.
 */
export const newId = (kind: IdKind, nowMs: number): string => `${kind}_${timePart(nowMs)}${randomPart()}`

/** True for what `newId` makes; cheap enough to be asked of each path parameter. */
export const isId = (kind: IdKind, value: string): boolean =>
  value.length === kind.length + 27 &&
  value.startsWith(`${kind}_`) &&
  /^[0-9a-hjkmnp-tv-z]{26}$/.test(value.slice(kind.length + 1))

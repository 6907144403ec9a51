import { hash, randomInt } from 'node:crypto'

/** Without 0 O, 1 I L and U, which are taken for one another. */
const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
const length = 8

/** `K7WP-3QXA`: 39 random bits, which is enough for five tries. */
export const newPairingCode = (): string => {
  const signs = Array.from({ length }, () => alphabet[randomInt(alphabet.length)])
  return `${signs.slice(0, 4).join('')}-${signs.slice(4).join('')}`
}

/** SHA-256 in hex of the code as people type it: in any letter case, with the dash or spaces or without. */
export const hashPairingCode = (typed: string): string =>
  hash('sha256', typed.replaceAll(/[\s-]/g, '').toUpperCase(), 'hex')

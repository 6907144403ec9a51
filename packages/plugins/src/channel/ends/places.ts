import type { Duplex } from 'node:stream'

/** Room for a guest within the host's own process. */
export interface GivenPlace {
  readonly name: string
  readonly channel: Duplex
  leave(): void
}

const key = Symbol.for('covent.places')

/** Places that wait for their guest; the same list for all copies of this code, of which each guest is one. */
export const places = (): GivenPlace[] => {
  const holder = globalThis as { [key]?: GivenPlace[] }
  return (holder[key] ??= [])
}

const firstMs = 1_000
const longestMs = 300_000

/** How long an event rests after its n-th failed attempt: a second, then twice as long each time up to five minutes, somewhat at random. */
export const pauseAfter = (attempt: number): number =>
  Math.round(Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 10)) * (0.75 + Math.random() / 2))

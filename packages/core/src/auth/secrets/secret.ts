import { secretPlaceholder } from './secret-mask.ts'

const marker: unique symbol = Symbol.for('covent.Secret') as never

/** A value that stands as `[secret]` in JSON, templates, logs and inspections; `reveal` alone gives it. */
export interface Secret<T = string> {
  reveal(): T
  toString(): string
}

/** Keeps the value in a closure: nothing that walks over properties meets it. */
export const secret = <T>(value: T): Secret<T> => {
  const hidden = (): string => secretPlaceholder
  return Object.freeze({
    [marker]: true,
    reveal: () => value,
    toString: hidden,
    toJSON: hidden,
    [Symbol.toPrimitive]: hidden,
    [Symbol.for('nodejs.util.inspect.custom')]: hidden,
  })
}

/** True for a secret of any copy of core. */
export const isSecret = (value: unknown): value is Secret<unknown> =>
  typeof value === 'object' && value !== null && marker in value

import { type Token, token } from '../token.ts'

/** Something that is opened and closed with the app; its constructor did no I/O. */
export interface Service {
  readonly name: string
  /** Opens it. Called once, after all that it was made with has started. */
  start?(): Promise<void>
  /** Closes it. Called also when its own `start` failed half-way, so it must bear that. */
  stop?(): Promise<void>
}

/** Starts services in the order in which they were added and stops them in the opposite order. */
export interface Lifecycle {
  /** Returns its argument, so that a module can add what it binds. */
  add<S extends Service>(service: S): S
}
export const Lifecycle: Token<Lifecycle> = token('Lifecycle')

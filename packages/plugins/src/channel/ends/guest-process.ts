import type { ChildProcess } from 'node:child_process'
import type { Duplex, Readable } from 'node:stream'
import type { Clock } from '@covent/core'
import type { ExitReason, Usage } from '../../drivers/isolation-driver.ts'
import { channelOf, killGroup, processEnd } from './process-end.ts'

export type ProcessEnd = Omit<ExitReason, 'error'>

/** What runs a guest, as the host holds it: a process, a thread, or a part of the host itself. */
export interface GuestProcess {
  readonly pid: number | undefined
  readonly channel: Duplex
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  /** Resolves when it has ended and what it said before has been read. */
  readonly end: Promise<ProcessEnd>
  /** What is known of why it ended, once it has. */
  lastWords?(): string
  /** What it uses, where that is not read from its process. */
  usage?(): Promise<Usage | undefined>
  /** Called when it has greeted, before anything of a plugin reaches it. */
  onGreeted?(): void
  kill(): void
}

export const childGuest = (child: ChildProcess, clock: Clock): GuestProcess => ({
  pid: child.pid,
  channel: channelOf(child),
  stdout: child.stdout,
  stderr: child.stderr,
  end: processEnd(child, clock),
  kill: () => killGroup(child),
})

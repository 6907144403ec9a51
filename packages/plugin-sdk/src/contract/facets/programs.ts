/** The commands that the permissions `P` name. */
export type CommandsOf<P> = P extends {
  readonly 'process:spawn': { readonly commands: readonly (infer Command extends string)[] }
}
  ? Command
  : never

export interface ProgramOptions {
  /** What it reads from its standard input, up to 1 MiB; text goes as UTF-8. Nothing when absent. */
  readonly stdin?: string | Uint8Array
  /** The operator's limit for the program when absent, which is also the most. */
  readonly timeoutMs?: number
}

export interface ProgramResult {
  readonly code: number
  /** Up to 512 KiB; a program that writes more is ended. */
  readonly stdout: string
  /** Up to 64 KiB. */
  readonly stderr: string
}

/** Programs of the operator's list, each run in a box of its own: no network, no environment, no files but what is lent to it. */
export interface Programs<Command extends string> {
  /** Runs it with these arguments; no shell reads them. Any exit code is an answer. */
  run(command: Command, args: readonly string[], options?: ProgramOptions): Promise<ProgramResult>
}

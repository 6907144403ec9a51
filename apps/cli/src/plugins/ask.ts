import { ClientError } from '@covent/core'
import type { Terminal } from '../terminal.ts'

export interface Choice<T extends string> {
  readonly value: T
  readonly label: string
}

/** Whether somebody sits there who can be asked. */
export const isAsked = ({ stdin, stdout }: Terminal): boolean => stdin.isTTY === true && stdout.isTTY === true

const left = (): never => {
  throw new ClientError('request.malformed', 'nothing was changed')
}

/** Asks which; leaving the question changes nothing and fails. */
export const choose = async <T extends string>(
  { stdin: input, stdout: output }: Terminal,
  message: string,
  choices: readonly Choice<T>[],
): Promise<T> => {
  const { select, isCancel } = await import('@clack/prompts')
  const options = choices.map(({ value, label }) => ({ value: value as string, label }))
  const answer = await select({ message, options, input, output })
  return isCancel(answer) ? left() : (answer as T)
}

/** Asks yes or no; anything but yes changes nothing and fails. */
export const confirmed = async (
  { stdin: input, stdout: output }: Terminal,
  message: string,
): Promise<void> => {
  const { confirm } = await import('@clack/prompts')
  const answer = await confirm({ message, initialValue: false, input, output })
  if (answer !== true) left()
}

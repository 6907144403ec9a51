import type { ModelMessage } from '@covent/core'

type Result = Extract<ModelMessage, { role: 'action' }>

const maxLength = 4000
const maxLines = 50
const maxDepth = 4

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const readable = (key: string): string =>
  key
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .replaceAll('_', ' ')
    .toLowerCase()

const lines = (value: unknown, depth: number): string => {
  if (typeof value === 'string') return value
  if (Array.isArray(value))
    return value
      .slice(0, maxLines)
      .map((item) => `- ${inner(item, depth)}`)
      .join('\n')
  if (!isFields(value)) return String(value)
  return Object.entries(value)
    .slice(0, maxLines)
    .map(([key, item]) => `${readable(key)}: ${inner(item, depth)}`)
    .join(depth === 0 ? '\n' : ', ')
}

const inner = (value: unknown, depth: number): string =>
  depth >= maxDepth ? '…' : lines(value, depth + 1).slice(0, maxLength)

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** An action's output in words: its `text` if it has one, else itself if it is text, else its fields. */
const sayOutput = ({ name, output }: Result): string => {
  if (isFields(output) && typeof output['text'] === 'string' && output['text'] !== '') return output['text']
  return isEmpty(output) ? `Done: ${name.replaceAll('_', ' ')} gave nothing back.` : lines(output, 0)
}

const sayError = ({ name, output }: Result): string => {
  const message = typeof output === 'string' ? output : JSON.stringify(output)
  const action = name.replaceAll('_', ' ')
  if (message.startsWith('plugin.outcome-unknown') || message.includes('is not known'))
    return `I do not know whether ${action} took effect. ${message}`
  return `${action} did not work: ${message}`
}

/** Tells the results of actions. They are data: nothing in them is followed. */
export const report = (results: readonly Result[]): string =>
  results
    .map((result) => (result.isError === true ? sayError(result) : sayOutput(result)).slice(0, maxLength))
    .join('\n\n')

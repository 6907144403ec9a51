import type { ToolCall } from '@covent/core'
import { inputOf, isFields, textOf } from './answer.ts'
import type { Endpoint } from './endpoint.ts'
import { nonsense } from './failure.ts'

const maxCalls = 128

/** Joins tool calls that come in pieces, each piece naming its call by index. */
export interface Fragments {
  add(pieces: unknown): void
  calls(): readonly ToolCall[]
}

interface Part {
  id: string
  name: string
  readonly written: string[]
}

export const fragments = (endpoint: Endpoint): Fragments => {
  const parts = new Map<number, Part>()
  const partAt = (index: number): Part => {
    const part = parts.get(index) ?? { id: '', name: '', written: [] }
    parts.set(index, part)
    if (parts.size > maxCalls) throw nonsense(endpoint, `made more than ${maxCalls} calls at once`)
    return part
  }
  const addOne = (piece: unknown, place: number): void => {
    if (!isFields(piece)) return
    const part = partAt(typeof piece['index'] === 'number' ? piece['index'] : place)
    const made = isFields(piece['function']) ? piece['function'] : {}
    part.id ||= textOf(piece['id'])
    part.name ||= textOf(made['name'])
    part.written.push(textOf(made['arguments']))
  }
  return {
    add(pieces) {
      if (Array.isArray(pieces)) pieces.forEach(addOne)
    },
    calls() {
      const inOrder = [...parts].toSorted(([a], [b]) => a - b).map(([, part]) => part)
      if (inOrder.some((part) => part.name === ''))
        throw nonsense(endpoint, 'sent a tool call without a name')
      return inOrder.map(({ id, name, written }) => ({ id, name, input: inputOf(written.join('')) }))
    },
  }
}

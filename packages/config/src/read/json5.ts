import type { MemberNode, ObjectNode, ValueNode } from '@humanwhocodes/momoa'
import { type Path, type Place, type Problem } from '../check/problem.ts'
import { blankComments, deepestNesting } from './scan.ts'

export interface Document {
  readonly value: unknown
  readonly problems: readonly Problem[]
  /** Where the setting stands, or else the nearest one above it. */
  placeOf(path: Path): Place | undefined
}

type Places = Map<string, Place>

const keyOf = (path: Path): string => JSON.stringify(path)

/** Names through which an object of another kind could be reached. */
const refusedNames = new Set(['__proto__', 'constructor', 'prototype'])

/** Parses JSON5; the parser is loaded only when there is something to parse. */
export const parseJson5 = async (text: string): Promise<Document> => {
  const { text: bare, tooDeepAt } = blankComments(text)
  if (tooDeepAt !== undefined) return broken(tooDeepAt, `nested deeper than ${deepestNesting} levels`)
  if (bare.trim() === '') return { value: {}, problems: [], placeOf: () => undefined }
  const { parse } = await import('@humanwhocodes/momoa')
  try {
    const { body } = parse(bare, { mode: 'json5' })
    const places: Places = new Map([[keyOf([]), placeOfNode(body)]])
    const problems: Problem[] = []
    const value = evaluate(body, [], { places, problems })
    return { value, problems, placeOf: (path) => nearestPlace(places, path) }
  } catch (error) {
    const { line, column, message } = error as Error & Partial<Place>
    // The parser's own message may quote the text, which may be a secret.
    const what = message.includes('end of input') ? 'the file ends too early' : 'not JSON5'
    return broken({ line: line ?? 1, column: column ?? 1 }, what)
  }
}

const broken = (place: Place, message: string): Document => ({
  value: undefined,
  problems: [{ code: 'config.syntax', path: [], place, message }],
  placeOf: () => place,
})

const placeOfNode = ({ loc }: { readonly loc?: { readonly start: Place } }): Place => ({
  line: loc?.start.line ?? 1,
  column: loc?.start.column ?? 1,
})

const nearestPlace = (places: Places, path: Path): Place | undefined => {
  for (let length = path.length; length >= 0; length--) {
    const place = places.get(keyOf(path.slice(0, length)))
    if (place !== undefined) return place
  }
  return undefined
}

interface Findings {
  readonly places: Places
  readonly problems: Problem[]
}

const evaluate = (node: ValueNode, path: Path, findings: Findings): unknown => {
  switch (node.type) {
    case 'Object':
      return evaluateObject(node, path, findings)
    case 'Array':
      return node.elements.map(({ value }, n) => {
        findings.places.set(keyOf([...path, n]), placeOfNode(value))
        return evaluate(value, [...path, n], findings)
      })
    case 'Null':
      return null
    case 'NaN':
      return Number.NaN
    case 'Infinity':
      return node.sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
    default:
      return node.value
  }
}

const evaluateObject = (node: ObjectNode, path: Path, findings: Findings): Record<string, unknown> => {
  const object: Record<string, unknown> = {}
  for (const member of node.members) {
    const name = nameOf(member)
    const problem = refusal(name, object)
    const place = placeOfNode(member.name)
    if (problem !== undefined) findings.problems.push({ ...problem, path: [...path, name], place })
    if (problem !== undefined) continue
    findings.places.set(keyOf([...path, name]), place)
    object[name] = evaluate(member.value, [...path, name], findings)
  }
  return object
}

const nameOf = ({ name }: MemberNode): string => (name.type === 'String' ? name.value : name.name)

const refusal = (name: string, object: object): Pick<Problem, 'code' | 'message'> | undefined => {
  if (refusedNames.has(name)) return { code: 'config.unknown-key', message: 'this name is not allowed' }
  if (!Object.hasOwn(object, name)) return undefined
  return { code: 'config.syntax', message: 'stands here twice; remove one' }
}

import { nearestName } from './nearest-name.ts'
import { mostShown, type Path, pathText, type Problem } from './problem.ts'
import { isOpen, namesIn, type Shape, shapeAt } from './shape.ts'

interface Unknown {
  readonly path: Path
  readonly known: readonly string[]
}

/** Settings that the schema does not know, with the name that may have been meant. */
export const unknownNames = async (
  value: unknown,
  shape: Shape,
): Promise<readonly Omit<Problem, 'place'>[]> => {
  const problems: Omit<Problem, 'place'>[] = []
  for (const [n, { path, known }] of findUnknown(value, shape, []).entries()) {
    const nearest = n < mostShown ? await nearestName(String(path.at(-1)), known) : undefined
    const hint =
      nearest === undefined ? knownText(known) : `did you mean ${pathText([...path.slice(0, -1), nearest])}?`
    problems.push({ code: 'config.unknown-key', path, message: `unknown setting; ${hint}` })
  }
  return problems
}

const mostNamed = 12

const knownText = (known: readonly string[]): string => {
  if (known.length === 0) return 'remove it'
  return known.length <= mostNamed ? `known here: ${known.join(', ')}` : 'remove it'
}

const findUnknown = (value: unknown, shape: Shape, path: Path): Unknown[] => {
  if (Array.isArray(value))
    return value.flatMap((item, n) => findUnknown(item, shapeAt(shape, n), [...path, n]))
  if (typeof value !== 'object' || value === null) return []
  const known = namesIn(shape)
  const isClosed = known.length > 0 ? !isOpen(shape) : isEmptyObject(shape)
  return Object.entries(value).flatMap(([name, item]) => {
    if (isClosed && !known.includes(name)) return [{ path: [...path, name], known }]
    return findUnknown(item, shapeAt(shape, name), [...path, name])
  })
}

const isEmptyObject = (shape: Shape): boolean =>
  shape.length > 0 && !isOpen(shape) && shape.every(({ _zod: { def } }) => def.type === 'object')

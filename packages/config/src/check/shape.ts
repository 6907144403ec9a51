import type * as z from 'zod'

/** What a schema expects at one place: the alternatives that remain when wrappers and unions are opened. */
export type Shape = readonly z.core.$ZodTypes[]

/** The kinds of input that a place takes; `any` where the schema does not say. */
export type Kind = 'string' | 'number' | 'boolean' | 'array' | 'object' | 'any'

const deepest = 20

/** Opens wrappers and unions of a schema, on the input's side. */
export const shapeOf = (schema: z.core.$ZodType, depth = 0): Shape => {
  const type = schema as z.core.$ZodTypes
  const def = definition(type)
  if (depth > deepest) return []
  const open = (inner: z.core.$ZodType): Shape => shapeOf(inner, depth + 1)
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
    case 'success':
    case 'promise':
      return open(def.innerType)
    case 'lazy':
      return open(def.getter())
    case 'pipe':
      return open(def.in)
    case 'union':
      return def.options.flatMap(open)
    case 'intersection':
      return [...open(def.left), ...open(def.right)]
    default:
      return [type]
  }
}

const definition = ({ _zod: { def } }: z.core.$ZodTypes): z.core.$ZodTypes['_zod']['def'] => def

export const kindsOf = (shape: Shape): ReadonlySet<Kind> => new Set(shape.flatMap(kindsOfType))

const kindsOfType = ({ _zod: { def } }: z.core.$ZodTypes): Kind[] => {
  switch (def.type) {
    case 'string':
    case 'template_literal':
      return ['string']
    case 'number':
      return ['number']
    case 'boolean':
      return ['boolean']
    case 'array':
    case 'tuple':
      return ['array']
    case 'object':
    case 'record':
      return ['object']
    case 'enum':
      return Object.values(def.entries).map(kindOfValue)
    case 'literal':
      return def.values.map(kindOfValue)
    default:
      return ['any']
  }
}

const kindOfValue = (value: unknown): Kind => {
  const type = typeof value
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'any'
}

/** Names that the objects among the alternatives have. */
export const namesIn = (shape: Shape): string[] =>
  shape.flatMap(({ _zod: { def } }) => (def.type === 'object' ? Object.keys(def.shape) : []))

/** Whether any name may stand here (a record, or a place of which the schema says nothing). */
export const isOpen = (shape: Shape): boolean =>
  shape.some((type) => {
    const def = definition(type)
    if (def.type !== 'object') return def.type === 'record' || kindsOfType(type)[0] === 'any'
    return def.catchall !== undefined && definition(def.catchall as z.core.$ZodTypes).type !== 'never'
  })

/** What is expected one level deeper, under that name or index. */
export const shapeAt = (shape: Shape, name: string | number): Shape =>
  shape.flatMap(({ _zod: { def } }) => {
    if (def.type === 'object') {
      const inner = Object.hasOwn(def.shape, name) ? def.shape[name] : def.catchall
      return inner === undefined ? [] : shapeOf(inner)
    }
    if (def.type === 'record') return shapeOf(def.valueType)
    return def.type === 'array' ? shapeOf(def.element) : []
  })

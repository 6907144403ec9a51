import { ConfigurationError } from '@covent/core'

export type Path = readonly (string | number)[]

export interface Place {
  readonly line: number
  readonly column: number
}

export type ProblemCode = 'config.syntax' | 'config.unknown-key' | 'config.invalid-value'

/** One thing that is wrong: which setting, where it stands (in the file or a variable), and what was expected. */
export interface Problem {
  readonly code: ProblemCode
  readonly path: Path
  readonly place?: Place | undefined
  readonly variable?: string | undefined
  readonly message: string
}

/** So many problems are told one by one. */
export const mostShown = 50
const longestName = 80

const isPlainName = /^[\w$-]+$/

/** A path as people write it: `models.providers["a b"].kind`; odd names are quoted, long ones cut. */
export const pathText = (path: Path): string =>
  path
    .map((part, n) => {
      if (typeof part === 'number') return `[${part}]`
      const name = part.length > longestName ? `${part.slice(0, longestName)}…` : part
      if (!isPlainName.test(part)) return `[${JSON.stringify(name)}]`
      return n === 0 ? name : `.${name}`
    })
    .join('')

export const problemText = ({ path, place, variable, message }: Problem): string => {
  const where = variable ?? (place && `line ${place.line}:${place.column}`)
  const subject = pathText(path)
  if (subject === '') return where === undefined ? message : `${where}: ${message}`
  return where === undefined ? `${subject}: ${message}` : `${subject} (${where}): ${message}`
}

/** All problems in one error. Its code is that of the first; `data.problems` has each by itself. */
export const configurationError = (
  file: string | undefined,
  problems: readonly Problem[],
): ConfigurationError => {
  const shown = problems.slice(0, mostShown)
  const left = problems.length - shown.length
  const title = `the configuration${file === undefined ? '' : ` in ${file}`} has ${count(problems.length)}`
  const lines = [...shown.map(problemText), ...(left > 0 ? [`and ${left} more`] : [])]
  return new ConfigurationError(problems[0]!.code, [`${title}:`, ...lines].join('\n  '), {
    data: {
      ...(file === undefined ? {} : { file }),
      problems: shown.map(({ path, place, ...rest }) => ({ ...rest, ...place, path: pathText(path) })),
    },
  })
}

const count = (problems: number): string => (problems === 1 ? 'one problem' : `${problems} problems`)

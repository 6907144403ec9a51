import { PluginError } from '@covent/core'
import type { Manifest } from '@covent/plugin-sdk/manifest'
import { type Check, schemaCheck } from '../action-schemas.ts'

/** A method that a plugin offers, with the checks of its manifest. */
export interface LoadedMethod {
  checkInput(input: unknown): void
  parseOutput(output: unknown): unknown
}

const parseBy = (
  check: Check,
  value: unknown,
  { code, name }: { readonly code: 'plugin.input-invalid' | 'plugin.output-invalid'; readonly name: string },
): unknown => {
  const result = check.parse(value)
  if ('issue' in result) throw new PluginError(code, `${name}: ${result.issue}`)
  return result.value
}

/** The methods of a manifest's services, by `service/method`. Throws where a schema is none or is too large. */
export const loadServices = ({ provides }: Manifest): ReadonlyMap<string, LoadedMethod> =>
  new Map(
    provides.flatMap(({ service, methods }) =>
      methods.map((method): readonly [string, LoadedMethod] => {
        const name = `${service}/${method.name}`
        const [input, output] = [schemaCheck(method.input), schemaCheck(method.output)]
        return [
          name,
          {
            checkInput: (value) => void parseBy(input, value, { code: 'plugin.input-invalid', name }),
            parseOutput: (value) => parseBy(output, value, { code: 'plugin.output-invalid', name }),
          },
        ]
      }),
    ),
  )

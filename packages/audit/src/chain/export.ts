import { parseLine } from './link.ts'
import { linesOf, segmentsIn } from './segments.ts'

/** Every record as it stands in the files, with its two sums, oldest first. */
export async function* exportChain(folder: string): AsyncGenerator<string> {
  for (const segment of await segmentsIn(folder))
    for await (const { text } of linesOf(segment)) if (parseLine(text) !== undefined) yield text
}

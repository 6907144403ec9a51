import { errorCodes } from '../packages/core/src/index.ts'

const row = ([code, { status, title, remedy }]: [
  string,
  (typeof errorCodes)['auth'][keyof (typeof errorCodes)['auth']],
]): string => `| \`${code}\` | ${status} | ${title} | ${remedy} |`

/** `docs/errors.md`, from the code tables of core. */
export const errorsPage = (): string => {
  const families = Object.entries(errorCodes).map(
    ([family, table]) =>
      `## ${family}\n\n| code | HTTP status | meaning | what to do |\n|---|---|---|---|\n${Object.entries(
        table,
      )
        .map(row as never)
        .join('\n')}\n`,
  )
  return `# Errors\n\nEvery error has a stable code. Made by \`npm run generate\` from the tables in \`packages/core/src/errors/codes.ts\`.\n\n${families.join('\n')}`
}

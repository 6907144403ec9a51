import { gt, lte, valid } from 'semver'

const heading = /^#{1,3} +\[?v?(\d+\.\d+\.\d+[0-9A-Za-z.+-]*)\]?.*$/gm
const longest = 8_000

/** The sections of a CHANGELOG.md that stand under a version after `installed` and up to `next`. */
export const changesSince = (
  text: string,
  { installed, next }: { readonly installed: string; readonly next: string },
): string | undefined => {
  const found = [...text.matchAll(heading)]
  const sections = found.map(({ 1: version = '', index }, n) => ({
    version,
    body: text.slice(index, found[n + 1]?.index).trim(),
  }))
  const isBetween = (version: string): boolean =>
    valid(version) !== null && gt(version, installed) && lte(version, next)
  const told = sections.filter(({ version }) => isBetween(version)).map(({ body }) => body)
  return told.length === 0 ? undefined : told.join('\n\n').slice(0, longest)
}

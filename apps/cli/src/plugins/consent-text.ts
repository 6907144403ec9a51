import type { FindingView, PermissionView, PluginDetailsView, PluginPreviewView } from '@covent/api/client'

type Named = Pick<PluginPreviewView, 'id' | 'version' | 'title'>

const nameOf = ({ id, title }: Named): string => title ?? id

const signedBy = ({ signer }: PluginPreviewView): string =>
  signer === undefined ? 'signed by nobody' : `signed by ${signer.owner} (${signer.keyId})`

const wanted = (id: string, { permission, need, risk, sentence, reason }: PermissionView): string => {
  const byName = risk === 'extreme' ? `; give it by \`covent plugins grant ${id} ${permission}\`` : ''
  return `  ${risk.padEnd(7)} ${sentence} (${need}: ${reason}${byName})`
}

const wants = (preview: PluginPreviewView): readonly string[] => {
  const { id, permissions, secrets } = preview
  const lines = [
    ...permissions.map((permission) => wanted(id, permission)),
    ...secrets.map((secret) => `  ${'low'.padEnd(7)} ${secret}`),
  ]
  return lines.length === 0
    ? [`${nameOf(preview)} asks for nothing.`]
    : [`${nameOf(preview)} wants to`, ...lines]
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

const linesOf = (value: unknown): readonly string[] => {
  if (value === undefined) return []
  if (typeof value === 'string') return value.split('\n')
  return isList(value) ? value.map((one) => JSON.stringify(one)) : [JSON.stringify(value)]
}

const marked = (mark: string, lines: readonly string[], others: readonly string[]): readonly string[] =>
  lines.filter((line) => !others.includes(line)).map((line) => `    ${mark} ${line}`)

const finding = ({ what, before, after }: FindingView): readonly string[] => {
  const [old, next] = [linesOf(before), linesOf(after)]
  return [`  ${what}`, ...marked('-', old, next), ...marked('+', next, old)]
}

/** In which a new version differs; what widens comes first. */
export const findingLines = (findings: readonly FindingView[]): readonly string[] => {
  const part = (title: string, some: readonly FindingView[]): readonly string[] =>
    some.length === 0 ? [] : [title, ...some.flatMap(finding)]
  return [
    ...part(
      'It may do more than before:',
      findings.filter(({ widens }) => widens),
    ),
    ...part(
      'Besides, these are different:',
      findings.filter(({ widens }) => !widens),
    ),
  ]
}

/** What an operator reads before a package comes in. */
export const previewLines = (preview: PluginPreviewView): readonly string[] => {
  const { version, installed, description, findings, changelog } = preview
  if (installed === undefined)
    return [`${nameOf(preview)} ${version}, ${signedBy(preview)}`, description, ...wants(preview)]
  return [
    `${nameOf(preview)} ${installed} → ${version}, ${signedBy(preview)}`,
    ...(changelog === undefined ? ['Its changelog says nothing of that.'] : changelog.split('\n')),
    ...findingLines(findings),
  ]
}

/** Says what a plugin requires and was not given; undefined where that is nothing. */
export const lackingLine = ({
  id,
  package: found,
}: Pick<PluginDetailsView, 'id' | 'package'>): string | undefined => {
  const lacking = (found?.permissions ?? [])
    .filter(({ need, state }) => need === 'required' && state !== 'granted')
    .map(({ permission }) => permission)
  if (lacking.length === 0) return undefined
  return `It requires what it was not given: \`covent plugins grant ${id} ${lacking.join(' ')}\``
}

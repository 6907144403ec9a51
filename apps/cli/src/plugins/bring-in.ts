import { readFile } from 'node:fs/promises'
import type { ApiClient, PluginDetailsView, PluginPreviewView } from '@covent/api/client'
import { ClientError } from '@covent/core'
import { shown, type Terminal, writeLine } from '../terminal.ts'
import { choose, confirmed, isAsked } from './ask.ts'
import { findingLines, previewLines } from './consent-text.ts'
import { lockedPackages } from './locked-packages.ts'

export interface BringInWords {
  readonly allowUnsigned?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}
export interface InstallWords extends BringInWords {
  readonly lockfile?: string
  readonly grant?: readonly string[]
}
export interface UpdateWords extends BringInWords {
  readonly consent?: boolean
  readonly reject?: boolean
}

type Grant = 'all' | string[]
type Plugins = ApiClient['plugins']

export const wishOf = (words: readonly string[] = []): Grant => (words.includes('all') ? 'all' : [...words])

const readPackageFile = async (file: string): Promise<string> => {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    const why = `${file} cannot be read (${cause.code ?? 'unknown'})`
    throw new ClientError('request.not-found', why, { cause })
  })
  return bytes.toString('base64')
}

const needsWord = (what: string, words: string): ClientError =>
  new ClientError('request.malformed', `${what}; nobody can be asked here, so ${words}`)

/** What it requires and may be given without its name being said. */
const requiredOf = ({ permissions }: PluginPreviewView): string[] =>
  permissions
    .filter(({ need, risk }) => need === 'required' && risk !== 'extreme')
    .map(({ permission }) => permission)

const choices = [
  { value: 'required', label: 'Install it, and grant what it requires' },
  { value: 'nothing', label: 'Install it, and grant nothing yet' },
  { value: 'leave', label: 'Leave it' },
] as const

const grantFor = async (
  terminal: Terminal,
  preview: PluginPreviewView,
  { grant }: InstallWords,
): Promise<Grant> => {
  if (grant !== undefined) {
    await confirmed(terminal, `Install ${preview.id} and grant ${grant.join(', ')}?`)
    return wishOf(grant)
  }
  const answer = await choose(terminal, `What shall happen with ${preview.id}?`, choices)
  if (answer === 'leave') throw new ClientError('request.malformed', 'nothing was changed')
  return answer === 'required' ? requiredOf(preview) : []
}

const askUpdate = (terminal: Terminal, { id, version, findings }: PluginPreviewView): Promise<void> => {
  const widens = findings.some((finding) => finding.widens)
  return confirmed(terminal, `Update ${id} to ${version}${widens ? ', which may then do more' : ''}?`)
}

/** Installs from a folder exactly what a lock file names, with the grants that it names. */
export const installLocked = async (
  plugins: Plugins,
  folder: string,
  { lockfile = '', allowUnsigned = false }: InstallWords,
): Promise<readonly PluginDetailsView[]> => {
  const installed: PluginDetailsView[] = []
  for (const { bytes, grants } of await lockedPackages(lockfile, folder)) {
    const text = bytes.toString('base64')
    installed.push(await plugins.install({ package: text, allowUnsigned, grant: [...grants] }))
  }
  return installed
}

/** Bringing packages in: what is shown, what is asked, and what is then done. */
export const bringIn = (plugins: Plugins, terminal: Terminal) => {
  const { stdout } = terminal
  const show = (lines: readonly string[], { json }: BringInWords): void => {
    if (json === true) return
    for (const line of lines) writeLine(stdout, shown(line, stdout))
  }
  const isAskedFor = ({ yes, json }: BringInWords): boolean =>
    yes !== true && json !== true && isAsked(terminal)

  /** Consent given at the prompt is to what was shown there. */
  const consented = async (
    plugin: PluginDetailsView,
    { digest }: PluginPreviewView,
  ): Promise<PluginDetailsView> =>
    plugin.update?.digest === digest ? plugins.consent(plugin.id, digest) : plugin

  return {
    async install(file: string, words: InstallWords): Promise<PluginDetailsView> {
      const { allowUnsigned = false, grant } = words
      const packed = { package: await readPackageFile(file), allowUnsigned }
      if (words.yes === true) return plugins.install({ ...packed, grant: wishOf(grant) })
      if (!isAskedFor(words))
        throw needsWord(`look at ${file} with \`covent plugin verify\``, 'add --yes to install it')
      const preview = await plugins.preview(packed)
      show(previewLines(preview), words)
      if (preview.installed === undefined)
        return plugins.install({ ...packed, grant: await grantFor(terminal, preview, words) })
      await askUpdate(terminal, preview)
      return consented(await plugins.install({ ...packed, grant: wishOf(grant) }), preview)
    },
    async update(id: string, file: string, words: UpdateWords): Promise<PluginDetailsView> {
      const { allowUnsigned = false, yes } = words
      const packed = { package: await readPackageFile(file), allowUnsigned }
      const preview = await plugins.preview(packed)
      show(previewLines(preview), words)
      if (yes === true) return plugins.update(id, packed)
      if (!isAskedFor(words))
        throw needsWord(`${preview.version} of ${preview.id} is ready`, 'add --yes to update')
      await askUpdate(terminal, preview)
      return consented(await plugins.update(id, packed), preview)
    },
    /** Consents to what waits, as it is shown here. */
    async consent(id: string, words: UpdateWords): Promise<PluginDetailsView> {
      const { update, version } = await plugins.show(id)
      if (update === undefined)
        throw new ClientError('request.not-found', `no update of ${id} waits for consent`)
      show([`${id} ${version} → ${update.version}`, ...findingLines(update.findings)], words)
      if (isAskedFor(words)) await confirmed(terminal, `Let ${update.version} take over?`)
      return plugins.consent(id, update.digest)
    },
  }
}

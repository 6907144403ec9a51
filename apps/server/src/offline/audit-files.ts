import { existsSync } from 'node:fs'
import { type AuditVerdict, auditPlace, exportChain, parseHead, verifyChain } from '@covent/audit'
import { KeyRing, SecretError, ValidationError } from '@covent/core'
import { compose } from '@covent/di'
import { loadServerConfig } from '../config.ts'
import { keyModules } from '../modules.ts'

/** The audit of a home as it lies on disk, whether its server runs or not. */
export interface AuditFiles {
  /** `expected`: a head, as an earlier verdict names it. */
  verify(expected?: string): Promise<AuditVerdict>
  lines(): AsyncIterable<string>
}

const headOf = (text: string) => {
  const head = parseHead(text)
  if (head !== undefined) return head
  throw new ValidationError(
    'validation.failed',
    `${text} is no head such as 12:sum, which \`covent audit verify\` names`,
  )
}

const noKeys: KeyRing = {
  currentId: '',
  ids: [],
  subKey(_purpose, keyId = '') {
    throw new SecretError('secret.key-unknown', `there is no master key ${keyId}`)
  },
}

export const auditFiles = async (options: {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
}): Promise<AuditFiles> => {
  const config = await loadServerConfig(options.argv, options.env)
  const place = auditPlace(config.home)
  return {
    async verify(expected) {
      const head = expected === undefined ? undefined : headOf(expected)
      // A home without an audit may be without keys: none are made for the question.
      if (!existsSync(place.folder)) return verifyChain({ ...place, ring: noKeys, expected: head })
      const app = await compose(
        [KeyRing],
        ...keyModules({ ...config, log: { ...config.log, level: 'warn' } }, { logTo: 2 }),
      )
      await app.start()
      try {
        return await verifyChain({ ...place, ring: app.get(KeyRing), expected: head })
      } finally {
        await app.stop()
      }
    },
    lines: () => exportChain(place.folder),
  }
}

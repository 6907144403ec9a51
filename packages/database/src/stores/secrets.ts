import type { SecretStore } from '@covent/core'
import type { SecretQueries } from '../queries/secrets.ts'
import type { Session } from '../session.ts'

export const secretStore = (session: Session, queries: SecretQueries): SecretStore => ({
  read: async () => session.get(queries.read, {}),
  async replace(next) {
    const content = { generation: next.generation, text: next.text }
    const changed = await (next.generation === 1
      ? session.run(queries.first, content)
      : session.run(queries.replace, { ...content, before: next.generation - 1 }))
    return changed > 0
  },
})

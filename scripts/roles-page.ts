import type { Chain } from '../packages/api/src/http/chain.ts'
import { openApiDocument } from '../packages/api/src/openapi.ts'
import { allRoutes } from '../packages/api/src/routes/all.ts'
import { roleScopes } from '../packages/auth/src/role-scopes.ts'
import { type Role, roles } from '../packages/core/src/index.ts'

interface Operation {
  readonly 'x-covent-scope': string
  readonly 'x-covent-owned'?: boolean
}

const cell = (operation: Operation, role: Role): string => {
  const { 'x-covent-scope': scope, 'x-covent-owned': owned } = operation
  const held: readonly string[] = roleScopes[role]
  if (scope !== 'public' && !held.includes(scope)) return 'no'
  return owned === true ? 'own' : 'yes'
}

const row = (name: string, operation: Operation): string => {
  const { 'x-covent-scope': scope } = operation
  const cells = roles.map((role) => cell(operation, role))
  return `| \`${name}\` | \`${scope}\` | ${cells.join(' | ')} | ${scope === 'public' ? 'yes' : 'no'} |`
}

/** `docs/roles.md`, from the OpenAPI document and the scopes of the roles. Handlers are made and never called. */
export const rolesPage = async (): Promise<string> => {
  const document = await openApiDocument(allRoutes({ deps: {} } as unknown as Chain))
  const { paths } = document as { readonly paths: Record<string, Record<string, Operation>> }
  const rows = Object.entries(paths).flatMap(([path, place]) =>
    Object.entries(place).map(([method, operation]) => row(`${method.toUpperCase()} ${path}`, operation)),
  )
  return `# Roles

What each role may do, operation by operation. Made by \`npm run generate\` from the OpenAPI document; a test asks a running
server for every cell.

**yes**: it may. **own**: it may with what is its own; what belongs to another principal is not found (404), and lists leave it
out, also for an owner. **no**: 403, and 401 without a credential. Scopes of a key narrow its role, never widen it.

| operation | scope | ${roles.join(' | ')} | anonymous |
|---|---|${'---|'.repeat(roles.length + 1)}
${rows.join('\n')}
`
}

import { describe, expectTypeOf, it } from 'vitest'
import { definePlugin, z } from '../src/index.ts'

const base = {
  id: 'acme.files',
  version: '1.0.0',
  type: 'extension',
  description: 'Made for a test.',
} as const
const reason = 'Keep notes'
const action = { description: 'x', effect: 'read', input: z.string(), output: z.null() } as const

describe('file facets', () => {
  it('take the paths that the permissions name, and no other', () => {
    definePlugin({
      ...base,
      permissions: {
        required: {
          'fs:read:workspace': { paths: ['notes/**', '*.md'], reason },
          'fs:write:workspace': { paths: ['notes/mine.txt'], reason },
          'fs:read:home': { paths: ['Documents/**'], reason },
          'fs:read:system': { paths: ['/etc/hosts'], reason },
          'fs:write:any': { paths: ['/srv/out/*'], reason },
        },
      },
      actions: {
        one: {
          ...action,
          async run(input, ctx) {
            const unsent = () => [
              ctx.workspace.readText('notes/a/b'),
              ctx.workspace.list('notes'),
              ctx.workspace.readText('x.md'),
              ctx.workspace.writeText('notes/mine.txt', input),
              ctx.files.readText('~/Documents/a'),
              ctx.files.readBytes('/etc/hosts', { offset: 1 }),
              ctx.files.writeText('/srv/out/a', input),
              // @ts-expect-error -- covered for reading only
              ctx.workspace.writeText('notes/other.txt', input),
              // @ts-expect-error -- another folder
              ctx.workspace.readText('secrets/a'),
              // @ts-expect-error -- another system file
              ctx.files.readText('/etc/passwd'),
              // @ts-expect-error -- another folder of the home
              ctx.files.readText('~/.ssh/id'),
              // @ts-expect-error -- not covered for writing
              ctx.files.writeText('/etc/hosts', input),
              // @ts-expect-error -- not declared
              ctx.tmp.readText('a'),
            ]
            expectTypeOf(unsent).returns.toBeArray()
            return null
          },
        },
      },
    })
  })

  it('are there only where they are declared', () => {
    definePlugin({
      ...base,
      permissions: {
        required: { 'fs:read:workspace': { reason }, 'fs:write:temp': { reason } },
        optional: { 'fs:write:workspace': { reason } },
      },
      actions: {
        one: {
          ...action,
          async run(input, ctx) {
            const unsent = () => [
              ctx.workspace.readText(input),
              ctx.tmp.writeText(input, input),
              ctx.optional.workspace?.writeText(input, input),
              // @ts-expect-error -- only where it was granted
              ctx.workspace.writeText(input, input),
              // @ts-expect-error -- not declared
              ctx.files.readText('/etc/hosts'),
            ]
            expectTypeOf(unsent).returns.toBeArray()
            return null
          },
        },
      },
    })
  })
})

import { expect, it } from 'vitest'
import { carriedGrants } from '../src/host/update/carried-grants.ts'
import { manifestDiff } from '../src/host/update/manifest-diff.ts'
import { manifest } from './package/support.ts'

const asking = (hosts: readonly string[], more: object = {}) =>
  manifest({
    type: 'extension',
    permissions: {
      required: { 'net:outbound:https': { hosts, reason: 'It is needed' }, ...more },
      optional: { 'data:memory': { access: 'read', reason: 'It may be' } },
    },
  })

const carried = (after: ReturnType<typeof asking>, ...decided: (readonly [string, boolean])[]) => {
  const before = asking(['*.x.com'])
  const decisions = decided.map(([permission, granted]) => ({
    plugin: 'acme.clock',
    digest: 'd',
    permission,
    granted,
    decidedAt: 0,
  }))
  const findings = manifestDiff({ manifest: before, keyId: 'a' }, { manifest: after, keyId: 'a' })
  return carriedGrants({ before, after, decisions, findings }).map(
    ({ permission, granted }) => `${permission} ${granted ? 'granted' : 'denied'}`,
  )
}
const git = { 'process:spawn': { commands: ['git'], reason: 'Keep a history' } }
const kv = { 'data:database': { reason: 'Keep a note' } }

it('carries over what was decided, and decides nothing that never was', () => {
  const narrower = asking(['a.x.com'])
  expect(carried(narrower)).toEqual([])
  expect(carried(narrower, ['net:outbound:https', true], ['data:memory', false])).toEqual([
    'net:outbound:https granted',
    'data:memory denied',
  ])
})

it('grants by consent what is newly required, and what was granted and reaches further', () => {
  const wider = asking(['*.x.com', 'y.com'], { ...kv, ...git })
  expect(carried(wider)).toEqual(['data:database granted'])
  expect(carried(wider, ['net:outbound:https', true])).toEqual([
    'net:outbound:https granted',
    'data:database granted',
  ])
})

it('leaves denied what was denied, however far it reaches now', () => {
  expect(carried(asking(['z.com']), ['net:outbound:https', false])).toEqual(['net:outbound:https denied'])
})

it('takes a grant of extreme risk over only where it reaches no further', () => {
  const run = (...commands: string[]) =>
    manifest({
      type: 'extension',
      permissions: { required: { 'process:spawn': { commands, reason: 'Run' } } },
    })
  const between = (before: string[], after: string[]) => {
    const [one, other] = [run(...before), run(...after)]
    const findings = manifestDiff({ manifest: one, keyId: 'a' }, { manifest: other, keyId: 'a' })
    const decision = { plugin: 'p', digest: 'd', permission: 'process:spawn', granted: true, decidedAt: 0 }
    return carriedGrants({ before: one, after: other, decisions: [decision], findings })
  }
  expect(between(['git', 'tar'], ['git'])).toEqual([{ permission: 'process:spawn', granted: true }])
  expect(between(['git'], ['git', 'tar'])).toEqual([])
})

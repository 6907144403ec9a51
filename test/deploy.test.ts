import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const at = (path: string): string => join(root, path)
const files = [
  'deploy/compose/*.yaml',
  'deploy/kubernetes/*.yaml',
  '.github/workflows/*.yml',
  '.gitlab-ci.yml',
]
  .flatMap((pattern) => globSync(pattern, { cwd: root }))
  .toSorted()

const quiet = '{extends: relaxed, rules: {line-length: disable}}'

/** Program, its arguments, and what its output must have. */
const checks: readonly (readonly [program: string, args: readonly string[], wanted: RegExp])[] = [
  ['yamllint', ['--strict', '-d', quiet, ...files], /^$/],
  ['haproxy', ['-c', '-f', 'deploy/compose/haproxy.cfg'], /Configuration file is valid/],
  [
    'kubectl',
    ['kustomize', 'deploy/kubernetes'],
    /kind: Service\n[^]*kind: Deployment\n[^]*kind: PodDisruptionBudget\n[^]*kind: HorizontalPodAutoscaler\n/,
  ],
  ['systemd-analyze', ['verify', at('deploy/systemd/covent.service')], /^$/],
  [
    'systemd-analyze',
    ['security', '--offline=true', '--threshold=30', at('deploy/systemd/covent.service')],
    /Overall exposure level/,
  ],
]

describe('the files of deploy', () => {
  for (const [program, args, wanted] of checks) {
    const title = `satisfy ${program} ${args[0]!}`
    if (spawnSync(program, ['--version']).error) it.skip(`NOT RUN: ${title}: needs ${program}`, () => {})
    else
      it(title, () => {
        const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8' })
        expect(stdout + stderr).toMatch(wanted)
        expect(status).toBe(0)
      })
  }

  it('ask for readiness by one word of a command, which YAML takes for a map where it is not quoted', () => {
    expect(readFileSync(at('deploy/compose/compose.yaml'), 'utf8')).toMatch(
      /- --eval\n\s+- (?<quote>["']).*r\.ok \? 0 : 1.*\k<quote>\n/,
    )
  })

  it('name the same user and the same port', () => {
    const text = (path: string): string => readFileSync(at(path), 'utf8')
    expect(text('deploy/Dockerfile')).toContain('USER 10001:10001')
    expect(text('deploy/kubernetes/deployment.yaml')).toContain('runAsUser: 10001')
    for (const path of [
      'deploy/Dockerfile',
      'deploy/compose/haproxy.cfg',
      'deploy/kubernetes/deployment.yaml',
    ])
      expect(text(path)).toContain('7420')
  })
})

import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { podmanEngine } from '../test/container/podman-engine.ts'
import { cases } from '../test/hostile/cases.ts'
import type { HostileCase } from '../test/hostile/hostile-case.ts'
import { type CaseResult, hostileHost } from '../test/hostile/hostile-host.ts'

/*
 * Runs every hostile case at every level, each in a host of its own that may be lost, and writes what became of it to
 * docs/plugins/hostile-suite.md. Takes about ten minutes. Hosts may have 2 GB of data at most.
 */
const found = await podmanEngine()
const engine = typeof found === 'string' ? undefined : found
if (typeof found === 'string') console.log(`NOT RUN: container: ${found}`)
const levels = ['process', ...(engine === undefined ? [] : ['container']), 'process-weak', 'worker', 'inline']
const kernelLevels = levels.filter((level) => level === 'process' || level === 'container')
const words: Readonly<Record<CaseResult['outcome'], string>> = {
  held: 'held',
  killed: 'killed',
  broken: '**broke out**',
  'host ended': '**host ended**',
  'host hung': '**host hung**',
}

const runOne = async (level: string, { id }: HostileCase): Promise<CaseResult> => {
  const host = await hostileHost(level, {
    dataMb: 2_000,
    patienceMs: 10_000,
    ...(level === 'container' && engine && { engine }),
  })
  try {
    return await host.run(id)
  } finally {
    await host.kill()
  }
}

/** One host at a time: what one plugin does to this machine is not to be taken for what another one did. */
const row = async (hostile: HostileCase): Promise<string> => {
  const cells: string[] = []
  for (const level of levels) {
    const isTried = hostile.isNative !== true || kernelLevels.includes(level)
    const result = isTried ? await runOne(level, hostile) : undefined
    cells.push(result === undefined ? 'not tried' : words[result.outcome])
    console.log(hostile.id, level, result?.outcome, result?.detail)
  }
  return `| ${hostile.id} | ${hostile.title} | ${hostile.success} | ${cells.join(' | ')} |`
}

const rows: string[] = []
for (const hostile of cases) rows.push(await row(hostile))

const page = `# The hostile suite

Written by \`packages/plugins/scripts/hostile-table.ts\` from real runs (${new Date().toISOString().slice(0, 10)}, Linux, Node ${process.versions.node}, server as root
with plugins as another user, containers by Podman and runc). Each plugin ran in a host of its own, which listens on TCP, UDP, a unix socket, an abstract
socket and for SIGUSR1; a hit on any of them counts as broken out. For the levels \`process\` and \`container\` the same cases are tests, in which
the host has to answer others within 50 ms (p99) meanwhile.

\`held\`: the attempt failed. \`killed\`: the sandbox ended and the host served on. **broke out**: the plugin got what it tried
for. **host ended**, **host hung**: the server is lost. H25 to H31 are about the way out to the network, which is the
host’s at every level: a real plugin tries them in \`apps/server/test/network/hostile-way-out.test.ts\`; H10 and H38 run without Node’s permission model, so that native code gets as
far as the kernel layer; the other levels have none.

| case | the plugin | success would be | ${levels.map((level) => `\`${level}\``).join(' | ')} |
|---|---|---|${levels.map(() => '---|').join('')}
${rows.join('\n')}

What this says: only \`process\` and \`container\` are for code that one does not trust. \`vm\` was not run: no engine with
gVisor or Kata Containers was at hand. \`process-weak\` stops what JavaScript can ask Node for,
and nothing that native code asks the kernel for. \`worker\` and \`inline\` are no boundary at all: they are for code of the
operator’s own, and a plugin there can end or rob the server.
`
const file = fileURLToPath(new URL('../../../docs/plugins/hostile-suite.md', import.meta.url))
await writeFile(file, page)
await engine?.stop()

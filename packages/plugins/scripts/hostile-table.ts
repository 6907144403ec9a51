import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { cases } from '../test/hostile/cases.ts'
import type { HostileCase } from '../test/hostile/hostile-case.ts'
import { type CaseResult, hostileHost } from '../test/hostile/hostile-host.ts'

/*
 * Runs every hostile case at every level, each in a host of its own that may be lost, and writes what became of it to
 * docs/plugins/hostile-suite.md. Takes some minutes. Hosts may have 2 GB of data at most.
 */
const levels = ['process', 'process-weak', 'worker', 'inline'] as const
const casesAtOnce = 3
const words: Readonly<Record<CaseResult['outcome'], string>> = {
  held: 'held',
  killed: 'killed',
  broken: '**broke out**',
  'host ended': '**host ended**',
  'host hung': '**host hung**',
}

const runOne = async (level: string, { id }: HostileCase): Promise<CaseResult> => {
  const host = await hostileHost(level, { dataMb: 2_000, patienceMs: 6_000 })
  try {
    return await host.run(id)
  } finally {
    await host.kill()
  }
}

const row = async (hostile: HostileCase): Promise<string> => {
  const tried = hostile.isNative === true ? levels.slice(0, 1) : levels
  const results = await Promise.all(tried.map((level) => runOne(level, hostile)))
  const cells = levels.map((_, n) => (results[n] === undefined ? 'not tried' : words[results[n].outcome]))
  console.log(hostile.id, results.map(({ outcome, detail }) => `${outcome} (${detail})`).join('; '))
  return `| ${hostile.id} | ${hostile.title} | ${hostile.success} | ${cells.join(' | ')} |`
}

const rows: string[] = []
for (let n = 0; n < cases.length; n += casesAtOnce)
  rows.push(...(await Promise.all(cases.slice(n, n + casesAtOnce).map(row))))

const page = `# The hostile suite

Written by \`packages/plugins/scripts/hostile-table.ts\` from real runs (${new Date().toISOString().slice(0, 10)}, Linux, Node ${process.versions.node}, server as root
with plugins as another user). Each plugin ran in a host of its own, which listens on TCP, UDP, a unix socket, an abstract
socket and for SIGUSR1; a hit on any of them counts as broken out. For the level \`process\` the same cases are tests, in which
the host has to answer others within 50 ms (p99) meanwhile.

\`held\`: the attempt failed. \`killed\`: the sandbox ended and the host served on. **broke out**: the plugin got what it tried
for. **host ended**, **host hung**: the server is lost. H25 to H31 are about the way out to the network, and are tests of the
package \`egress\`; H10 and H38 run without Node’s permission model, so that native code gets as
far as the kernel layer; the other levels have none.

| case | the plugin | success would be | ${levels.map((level) => `\`${level}\``).join(' | ')} |
|---|---|---|${levels.map(() => '---|').join('')}
${rows.join('\n')}

What this says: only \`process\` is for code that one does not trust. \`process-weak\` stops what JavaScript can ask Node for,
and nothing that native code asks the kernel for. \`worker\` and \`inline\` are no boundary at all: they are for code of the
operator’s own, and a plugin there can end or rob the server.
`
const file = fileURLToPath(new URL('../../../docs/plugins/hostile-suite.md', import.meta.url))
await writeFile(file, page)

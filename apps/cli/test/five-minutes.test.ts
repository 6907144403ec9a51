import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { describeWith, temporaryFolder } from '@covent/testing'
import { expect, it } from 'vitest'
import { startServer } from './support/server.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const page = readFileSync(join(root, 'docs/plugins/five-minutes.md'), 'utf8')
const blocks = [...page.matchAll(/```sh\n([^]*?)```/g)].map(([, text = '']) => text)

/** Where `npm run -s covent -- …` is the command from source, without the check of what is installed. */
const commandFolder = (): string => {
  const folder = join(temporaryFolder(), 'bin')
  mkdirSync(folder)
  const main = join(root, 'apps/cli/src/main.ts')
  const script = `#!/bin/sh
[ "$1 $2 $3 $4" = "run -s covent --" ] || exit 9
shift 4
exec '${process.execPath}' --conditions=@covent/source --disable-warning=ExperimentalWarning '${main}' "$@"
`
  writeFileSync(join(folder, 'npm'), script, { mode: 0o755 })
  return folder
}

describeWith('bubblewrap', 'the page that takes five minutes', () => {
  it('is true, command by command', async () => {
    const { home, server } = await startServer()
    const env = {
      ...process.env,
      COVENT_HOME: home,
      PATH: `${commandFolder()}${delimiter}${process.env['PATH']}`,
    }
    const cwd = temporaryFolder()
    const run = async (text: string): Promise<string> =>
      (await promisify(execFile)('sh', ['-e', '-c', text], { cwd, env })).stdout
    const printed: string[] = []
    for (const block of blocks) printed.push(await run(block))
    const [, built, letIn, called, chatted, ended] = printed
    expect(built).toMatch(/my-plugin\.tgz/)
    expect(letIn).toMatch(/me\.tally.* 1\.0\.0 .*ready, process, signed, data:database/)
    expect(called).toBe('{"text":"coffee: 1"}\n{"text":"coffee: 2"}\n')
    expect(chatted).toMatch(/coffee: \d/)
    expect(ended).toMatch(
      /action\/count_thing +3 calls, 0 failed[^]*counted .*"count":2[^]*me\.tally is gone/,
    )
    await server.stop()
  }, 120_000)
})

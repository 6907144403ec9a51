/** Long runs of the fault suite: `npm run faults -- --seconds 180 --seeds 20`, or `--seed 4711` to see one again. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const root = join(import.meta.dirname, '..')
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '180' },
    seeds: { type: 'string', default: '3' },
    seed: { type: 'string' },
  },
})
const whole = (name: string, text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) {
    console.error(`--${name} wants a whole number over 0, not ${text}`)
    process.exit(2)
  }
  return value
}
const seconds = whole('seconds', values.seconds)
const first = whole('seed', values.seed ?? String(1 + (Date.now() % 1_000_000)))
const count = values.seed === undefined ? whole('seeds', values.seeds) : 1

let failed = 0
for (let n = 0; n < count; n++) {
  const env = { ...process.env, FAULTS_SECONDS: String(seconds), FAULTS_SEED: String(first + n) }
  const words = ['run', '--project', 'faults', 'apps/server/test/faults/faults.test.ts']
  const { status } = spawnSync(join(root, 'node_modules', '.bin', 'vitest'), words, {
    cwd: root,
    env,
    stdio: 'inherit',
  })
  if (status !== 0) failed++
}
console.log(`${count - failed} of ${count} seeds held`)
process.exit(failed === 0 ? 0 : 1)

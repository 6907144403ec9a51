import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { bundleRunner } from './bundle-runner.ts'

await writeFile(fileURLToPath(new URL('../src/runner.gen.mjs', import.meta.url)), await bundleRunner())

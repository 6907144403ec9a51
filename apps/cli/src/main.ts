#!/usr/bin/env node
import { run } from './run.ts'

const { env, stdin, stdout, stderr } = process
// A reader that has left (`| head`) is no failure.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
process.exitCode = await run(process.argv.slice(2), { env, stdin, stdout, stderr })

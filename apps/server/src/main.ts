#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { homeOf } from './home.ts'

process.umask(0o077)

/** Without the flag a signal would open the inspector, through which a plugin could reach into the server. */
const flag = '--disable-sigusr1'
if (!process.execArgv.includes(flag)) {
  const { execPath, execArgv, argv } = process
  process.execve?.(execPath, [execPath, ...execArgv, flag, ...argv.slice(1)], process.env)
}
enableCompileCache(join(homeOf(process.env), 'run', 'compile-cache'))
const { runServer } = await import('./run-server.ts')
process.exit(await runServer(process.argv.slice(2), process.env))

// Sets the checkout up and runs one of its tasks, with no dependency, on any Node from 20.12: installs the workspace
// when it is missing or has changed, then runs the task under the Node that the workspace pins.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const isWindows = process.platform === 'win32'
const [major, minor] = process.versions.node.split('.').map(Number)

const bin = (name) => [join(root, 'node_modules', '.bin', name)]
const source = [
  'node',
  '--conditions=@covent/source',
  '--disable-sigusr1',
  '--disable-warning=ExperimentalWarning',
]
const inSource = (file) => [...source, join(root, file)]
const lint = [...bin('oxlint'), '--type-aware', '--deny-warnings']

/** What each task runs, one after another until one fails; the caller's arguments go to the last. */
const tasks = {
  start: [inSource('apps/server/src/main.ts')],
  covent: [inSource('apps/cli/src/main.ts')],
  dev: [[...source, '--watch', '--watch-preserve-output', join(root, 'apps/server/src/main.ts')]],
  build: [[...bin('tsc'), '-b', 'tsconfig.build.json'], inSource('scripts/finish-build.ts')],
  test: [inSource('scripts/build-for-tests.ts'), [...bin('vitest'), 'run']],
  faults: [inSource('scripts/faults.ts')],
  coverage: [inSource('scripts/build-for-tests.ts'), [...bin('vitest'), 'run', '--coverage']],
  bench: [inSource('bench/run.ts')],
  scan: [inSource('scripts/scan.ts')],
  typecheck: [
    [...bin('tsc'), '-b', 'tsconfig.build.json'],
    [...bin('tsc'), '-p', 'tsconfig.json'],
  ],
  lint: [lint],
  format: [bin('oxfmt')],
  generate: [inSource('scripts/generate.ts')],
  hook: [[...bin('oxfmt'), '--check'], lint],
  boundaries: [[...bin('turbo'), 'boundaries']],
  knip: [bin('knip')],
  packages: [inSource('scripts/check-packages.ts'), inSource('scripts/check-install.ts')],
  changeset: [bin('changeset')],
}
tasks.check = ['format-check', 'lint', 'typecheck', 'boundaries', 'knip', 'generated', 'packages'].flatMap(
  (name) =>
    name === 'format-check'
      ? [[...bin('oxfmt'), '--check']]
      : name === 'generated'
        ? [[...inSource('scripts/generate.ts'), '--check']]
        : tasks[name],
)

const fail = (message) => {
  console.error(`covent: ${message}`)
  process.exit(1)
}

/** Runs a command without a shell, hands signals on to it, and resolves with its exit code or signal. */
const run = (command, env = process.env) =>
  new Promise((resolve) => {
    const child = spawn(command[0], command.slice(1), {
      cwd: process.cwd(),
      env,
      stdio: 'inherit',
      shell: isWindows,
    })
    // A terminal's Ctrl-C reaches the whole process group by itself: handing it on would make it two.
    const forward = (signal) => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal))
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
    for (const signal of signals) process.on(signal, forward)
    const done = (result) => {
      for (const signal of signals) process.off(signal, forward)
      resolve(result)
    }
    child.on('error', (error) => {
      console.error(`covent: cannot start ${command[0]}: ${error.message}`)
      done({ code: 127 })
    })
    child.on('exit', (code, signal) => done({ code, signal }))
  })

/** Ends as the child ended. */
const leaveAs = ({ code, signal }) => {
  if (!signal) process.exit(code)
  process.kill(process.pid, signal)
  setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 200)
}

const digest = () => {
  const hash = createHash('sha256')
  for (const file of ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml'])
    hash.update(readFileSync(join(root, file)))
  return hash.update(`${process.platform}-${process.arch}`).digest('hex')
}
const stamp = join(root, 'node_modules', '.covent-setup')
const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === digest()

const lock = join(root, '.covent-setup.lock')
const holder = () => {
  try {
    return readFileSync(lock, 'utf8')
  } catch {
    return ''
  }
}
const isAlive = (pid) => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}
const takeLock = () => {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') fail(`cannot write ${lock}: ${error.message}`)
    return false
  }
}
/** Removes the lock of a dead process; a live one that was taken meanwhile is put back. */
const removeStaleLock = (pid) => {
  const aside = `${lock}.${process.pid}`
  try {
    renameSync(lock, aside)
    if (readFileSync(aside, 'utf8') === pid) rmSync(aside)
    else renameSync(aside, lock)
  } catch {
    // Another process was quicker: the next look decides.
  }
}
const withLock = async (work) => {
  for (let waited = 0; !takeLock(); waited++) {
    const pid = holder()
    if (pid !== '' && !isAlive(Number(pid))) removeStaleLock(pid)
    else if (waited === 0) console.error('covent: another run is installing, waiting for it …')
    else if (waited > 3000)
      fail(`another run (pid ${pid}) holds ${lock} for too long; end it or remove the file`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

const install = async () => {
  if (isInstalled()) return
  const manager = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager
  console.error(`covent: installing with ${manager} (once; about half a minute) …`)
  process.chdir(root)
  const options = ['--frozen-lockfile', '--prefer-offline', '--config.confirm-modules-purge=false']
  const { code, signal } = await run(['npx', '-y', manager, 'install', ...options])
  if (signal) leaveAs({ code, signal })
  if (code !== 0) fail('the installation failed; the lines above say why')
  const hooks = join(root, 'node_modules', 'simple-git-hooks', 'cli.js')
  if (!process.env.CI && existsSync(join(root, '.git')) && existsSync(hooks))
    await run([process.execPath, hooks])
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, digest())
}

/** The pinned Node, or this one where there is none for the platform and this one is new enough. */
const pinnedNode = () => {
  const name = `node-${process.platform === 'darwin' && process.arch === 'arm64' ? 'bin-' : ''}${process.platform}-${process.arch}`
  try {
    return join(
      dirname(createRequire(join(root, 'package.json')).resolve(`${name}/package.json`)),
      'bin',
      'node',
    )
  } catch {
    if (major < 24)
      fail(`there is no pinned Node for ${process.platform}-${process.arch}: install Node 24 or newer`)
    return process.execPath
  }
}

const main = async () => {
  const [task = 'start', ...rest] = process.argv.slice(2)
  if (major < 20 || (major === 20 && minor < 12))
    fail(`Node ${process.versions.node} is too old: install Node 20.12 or newer`)
  if (!Object.hasOwn(tasks, task)) {
    console.error(`covent: no task ${task}; there are ${Object.keys(tasks).join(', ')}`)
    process.exit(2)
  }
  const cwd = process.cwd()
  if (!isInstalled()) await withLock(install)
  process.chdir(task === 'covent' ? (process.env.INIT_CWD ?? cwd) : root)
  const node = pinnedNode()
  const path = [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
  const cache = process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'covent-compile')
  const env = { ...process.env, PATH: path, NODE: node, NODE_COMPILE_CACHE: cache }
  const commands = tasks[task]
  for (const [index, command] of commands.entries()) {
    const words = command[0] === 'node' ? [node, ...command.slice(1)] : command
    const result = await run(index === commands.length - 1 ? [...words, ...rest] : words, env)
    if (result.signal || result.code !== 0) return leaveAs(result)
  }
  process.exit(0)
}
await main()

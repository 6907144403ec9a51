/** What the sandbox is tried with: things on the host that must not be reached. */
export interface EscapeTargets {
  /** A file that anyone on the host may read. */
  readonly file: string
  /** A folder that anyone on the host may write. */
  readonly folder: string
  readonly tcpPort: number
  readonly udpPort: number
  /** A listening unix socket. */
  readonly socket: string
  /** Name of a listening socket in no file system, without its leading NUL. */
  readonly abstract: string
  readonly hostPid: number
}

/**
 * Escapes by the id of their case. Each is the body of an async function of `t` (the targets) that throws or answers
 * `held…` where the sandbox held, and anything else where it did not.
 */
export const escapes: Readonly<Record<string, string>> = {
  'H01 reads files of the host': `for (const f of ['/etc/shadow', '/etc/passwd', '/root/.ssh/id_rsa', t.file])
    if (!fails(() => fs.readFileSync(f))) return 'read ' + f`,
  'H02 lists folders of the host': `for (const d of ['/etc', '/usr', '/home', t.folder])
    if (!fails(() => fs.readdirSync(d))) return 'listed ' + d
    const top = fails(() => fs.readdirSync('/')) ? [] : fs.readdirSync('/')
    const strange = top.filter((n) => !['app', 'lib', 'lib64', 'usr', 'nix', 'gnu'].includes(n))
    if (strange.length) return 'listed ' + strange`,
  'H03 reads the environment': `const names = Object.keys(process.env); if (names.length) return names.join()`,
  'H04 reads /proc': `for (const f of ['/proc/1/environ', '/proc/self/environ', '/proc/' + process.ppid + '/cmdline', '/proc/' + t.hostPid + '/environ'])
    if (!fails(() => fs.readFileSync(f))) return 'read ' + f`,
  'H05 writes a diagnostic report': `const r = process.report.getReport()
    const v = Object.keys(r.environmentVariables ?? {}).filter((n) => !['PWD', 'LD_LIBRARY_PATH'].includes(n))
    if (v.length) return v.join()
    if (!fails(() => process.report.writeReport(t.folder + '/report.json')) && exists(t.folder + '/report.json')) return 'wrote'`,
  'H06 writes a heap snapshot': `if (!fails(() => v8.writeHeapSnapshot(t.folder + '/x.heapsnapshot'))) return 'wrote'`,
  'H07 connects to a TCP listener of the host': `return connects({ port: t.tcpPort, host: '127.0.0.1' })`,
  'H08 sends UDP to the host': `return new Promise((done) => { const s = dgram.createSocket('udp4'); s.on('error', (e) => done('held ' + e.code))
    s.send('x', t.udpPort, '127.0.0.1', (e) => done(e ? 'held ' + e.code : 'sent')) })`,
  'H09 connects to unix sockets of the host': `const a = await connects({ path: t.socket }); if (!a.startsWith('held')) return a
    return connects({ path: '\\0' + t.abstract })`,
  'H11 listens': `return new Promise((done) => { const s = net.createServer(); s.on('error', (e) => done('held ' + e.code)); s.listen(0, '127.0.0.1', () => done('listens')) })`,
  'H12 connects to the metadata address': `return connects({ host: '169.254.169.254', port: 80 })`,
  'H13 starts processes': `for (const act of [() => cp.execSync('true'), () => cp.execFileSync(process.execPath, ['-e', '0']), () => cp.fork('/app/runner.mjs')])
    if (!fails(act)) return 'started'`,
  'H14 replaces itself by a shell': `if (!fails(() => process.execve('/bin/sh', ['sh'], {}))) return 'execve'`,
  'H15 reaches internal bindings': `for (const n of ['spawn_sync', 'process_wrap', 'fs']) if (!fails(() => process.binding(n))) return n`,
  'H16 hands malformed arguments to internal bindings': `for (const n of ['buffer', 'crypto', 'zlib', 'util', 'os', 'pipe_wrap', 'tcp_wrap', 'stream_wrap', 'tty_wrap', 'contextify'])
    try { const b = process.binding(n); for (const k of Object.keys(b)) try { b[k](-1, null, 2 ** 53, {}) } catch {} } catch {}`,
  'H17 loads native code': `if (!fails(() => process.dlopen({ exports: {} }, t.file))) return 'dlopen'
    for (const n of ['node:ffi', 'node:sqlite']) if (!fails(() => { if (!get(n)) throw 0 })) return n`,
  'H18 loads an engine or an extension': `if (!fails(() => get('node:crypto').setEngine(t.file))) return 'engine'
    if (!fails(() => new (get('node:sqlite').DatabaseSync)(':memory:', { allowExtension: true }).loadExtension(t.file))) return 'extension'`,
  'H19 opens a database of the host': `if (!fails(() => new (get('node:sqlite').DatabaseSync)(t.folder + '/own.db').exec('CREATE TABLE t (c)'))) return 'opened'
    if (!fails(() => new (get('node:sqlite').DatabaseSync)(':memory:').exec("ATTACH '" + t.folder + "/attached.db' AS other; CREATE TABLE other.t (c)"))) return 'attached'`,
  'H20 starts workers and WASI': `if (!fails(() => new (get('node:worker_threads').Worker)('0', { eval: true, execArgv: [] }))) return 'worker'
    if (!fails(() => new (get('node:wasi').WASI)({ version: 'preview1', preopens: { '/': '/' } }))) return 'wasi'`,
  'H21 opens the inspector': `if (!fails(() => get('node:inspector').open(0))) return 'inspector'`,
  'H22 signals processes of the host': `for (const p of [t.hostPid]) if (!fails(() => process.kill(p, 0))) return 'signalled ' + p`,
  'H23 opens the debugger of the host': `if (!fails(() => process._debugProcess(t.hostPid))) return 'sent'`,
  'H24 links to files of the host': `if (!fails(() => fs.symlinkSync(t.file, '/app/link'))) return 'symlink'
    if (!fails(() => fs.linkSync(t.file, t.folder + '/link'))) return 'link'
    if (!fails(() => fs.readFileSync(Buffer.from('/app/../' + t.file)))) return 'dots'`,
  'H39 writes anywhere': `for (const d of ['', '/app', '/tmp', '/var/tmp', '/dev', '/dev/shm', '/run', t.folder])
    if (!fails(() => fs.writeFileSync(d + '/x', 'x'))) return 'wrote ' + d
    if (!fails(() => fs.truncateSync('/app/runner.mjs'))) return 'truncated'`,
  'reads files through inherited descriptors': `for (let n = 0; n < 64; n++) {
      let s; try { s = fs.fstatSync(n) } catch { continue }
      if (s.isFile()) return 'descriptor ' + n
    }`,
  'evaluates text as code': `if (!fails(() => new Function('return 1')())) return 'evaluated'`,
  'pollutes through __proto__': `if (!fails(() => ({}).__proto__)) return 'reached'`,
  'imports something but the SDK': `for (const n of ['node:fs', 'data:text/javascript,1', 'file:///app/runner.mjs', './x.mjs'])
    if (await import(n).then(() => true, () => false)) return n`,
}

const prelude = `
import { definePlugin, z } from '@covent/plugin-sdk'
const get = (name) => process.getBuiltinModule(name)
const [fs, net, dgram, cp, v8] = ['node:fs', 'node:net', 'node:dgram', 'node:child_process', 'node:v8'].map(get)
const fails = (act) => { try { act(); return false } catch { return true } }
const exists = (path) => { try { return fs.existsSync(path) } catch { return false } }
const connects = (to) => new Promise((done) => {
  try {
    const socket = net.connect(to)
    socket.once('connect', () => done('connected'))
    socket.once('error', (error) => done('held ' + error.code))
  } catch (error) { done('held ' + error.code) }
})
const attempt = (body) => ({
  description: 'An escape', effect: 'read', input: z.any(), output: z.string(),
  run: async (t) => { try { return String((await body(t)) ?? 'held') } catch (error) { return 'held ' + (error.code ?? error.message) } },
})`

/** A plugin with one action for each escape: `e0`, `e1`… in the order of `escapes`. */
export const escapePlugin = `${prelude}
export default definePlugin({
  id: 'acme.escapes', version: '1.0.0', type: 'utility', description: 'Tries to get out.',
  actions: {
    ${Object.values(escapes)
      .map((body, n) => `e${n}: attempt(async (t) => { ${body} }),`)
      .join('\n    ')}
  },
})`

// Scans a server of this checkout on loopback with ffuf, wapiti, sqlmap and slowhttptest; exits 1 on a finding.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { commands, overSocket } from '../bench/support/servers.ts'
import { serverProcess } from '../packages/testing/src/server-process.ts'

interface Target {
  readonly url: string
  readonly key: string
  /** For what the scanners write. */
  readonly folder: string
}

interface Scan {
  readonly name: string
  readonly findings: readonly string[]
  readonly detail: string
}

const longest = 180_000

/** Runs a scanner to its end, three minutes at most; gives all that it said. */
const run = (program: string, words: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], timeout: longest })
    const said: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk))
    child.on('error', (cause) =>
      reject(new Error(`${program} cannot be run: apt-get install ${program}`, { cause })),
    )
    child.on('close', () => resolve(Buffer.concat(said).toString()))
  })

const publicPaths = new Set(['health/live', 'health/ready', 'openapi.json', 'docs'])
const names =
  'admin api api/keys api/secrets api/audit api/plugins api/conversations v1/models v1/chat/completions health docs openapi.json metrics debug login console config env .env .git/config .well-known/security.txt server-status actuator graphql phpinfo.php wp-login.php backup.zip data/covent.db keys/master.key run/admin.sock package.json node_modules ping internal private test v2/models swagger.json trace status'.split(
    ' ',
  )
const disguises: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => `/${name}`,
  (name) => `./${name}`,
  (name) => `docs/../${name}`,
  (name) => `docs/%2e%2e/${name}`,
  (name) => `docs%2f..%2f${name}`,
  (name) => `..;/${name}`,
  (name) => `%00${name}`,
  (name) => `${name}/`,
  (name) => `${name}.json`,
  (name) => `${name}%20`,
  (name) => `${name};a=b`,
  (name) => name.toUpperCase(),
]

/** Every path in every disguise, without a key: nothing but the four open paths answers, and nothing fails. */
const ffuf = async ({ url, folder }: Target): Promise<Scan> => {
  const [list, out] = [join(folder, 'paths'), join(folder, 'ffuf.json')]
  writeFileSync(
    list,
    [...publicPaths, ...names].flatMap((name) => disguises.map((disguise) => disguise(name))).join('\n'),
  )
  await run('ffuf', ['-s', '-w', list, '-u', `${url}/FUZZ`, '-mc', 'all', '-o', out, '-maxtime', '60'])
  interface Result {
    readonly input: { readonly FUZZ: string }
    readonly status: number
  }
  const { results } = JSON.parse(readFileSync(out, 'utf8')) as { readonly results: readonly Result[] }
  const odd = results.filter(
    ({ input, status }) => (status < 400 && !publicPaths.has(input.FUZZ)) || status >= 500,
  )
  if (results.length === 0) return { name: 'ffuf', findings: ['it asked for nothing'], detail: '' }
  return {
    name: 'ffuf',
    findings: odd.map(({ input, status }) => `${input.FUZZ}: ${status}`),
    detail: `${results.length} paths`,
  }
}

const queries = [
  '/api/conversations?limit=1&cursor=a',
  '/api/audit?limit=1&actor=a&outcome=allowed&from=end',
  '/api/plugins/acme.none/logs?after=1',
]

/** What wapiti asks of every page, and why it is not there; `docs/security.md` says the same. */
const explained = [
  'X-Frame-Options is not set', // The CSP has frame-ancestors 'none', which is the same and what browsers ask first.
  'X-XSS-Protection is not set', // Browsers have dropped it.
  'Strict-Transport-Security is not set', // Of the proxy that speaks TLS: plain HTTP must not send it.
]

const wapiti = async ({ url, key, folder }: Target): Promise<Scan> => {
  const out = join(folder, 'wapiti.json')
  const starts = [...queries, '/openapi.json', '/docs'].flatMap((path) => ['-s', url + path])
  const session = ['--flush-session', '--store-session', folder, '--store-config', folder, '--no-bugreport']
  const bounds = ['--scope', 'domain', '--max-scan-time', '120', '--max-attack-time', '30']
  const words = ['-u', `${url}/docs`, ...starts, '-H', `Authorization: Bearer ${key}`, ...session, ...bounds]
  const said = await run('wapiti', [...words, '-f', 'json', '-o', out])
  interface Report {
    readonly vulnerabilities: Readonly<
      Record<string, readonly { readonly path: string; readonly info: string }[]>
    >
    readonly anomalies: Report['vulnerabilities']
  }
  const { vulnerabilities, anomalies } = JSON.parse(readFileSync(out, 'utf8')) as Report
  const findings = [vulnerabilities, anomalies].flatMap((kinds) =>
    Object.entries(kinds).flatMap(([kind, found]) =>
      found.map(({ path, info }) => `${kind}: ${path}: ${info}`),
    ),
  )
  const open = findings.filter((finding) => !explained.some((known) => finding.endsWith(known)))
  const modules = said.match(/Launching module/g)?.length ?? 0
  if (modules === 0) open.push(`it tried nothing: ${said.slice(-300)}`)
  const detail = `${modules} modules, ${findings.length - open.length} findings that docs/security.md explains`
  return { name: 'wapiti', findings: open, detail }
}

const sqlmap = async ({ url, key, folder }: Target): Promise<Scan> => {
  const findings: string[] = []
  const body = [
    '--data',
    '{"name":"a","role":"user"}',
    '--method',
    'POST',
    '--header',
    'Content-Type: application/json',
  ]
  const targets = [...queries.slice(0, 2).map((path) => [url + path]), [`${url}/api/keys`, ...body]]
  for (const [target, ...more] of targets) {
    const bounds = [
      '--batch',
      '--level',
      '2',
      '--risk',
      '2',
      '--threads',
      '4',
      '--timeout',
      '5',
      '--retries',
      '0',
    ]
    const words = [
      '-u',
      target!,
      ...more,
      '--headers',
      `Authorization: Bearer ${key}`,
      '--ignore-code',
      '400,404',
    ]
    const said = await run('sqlmap', [...words, ...bounds, '--flush-session', '--output-dir', folder])
    if (/appears to be .*injectable|is vulnerable|identified the following injection/.test(said))
      findings.push(`${target}: injectable`)
    else if (!said.includes('do not appear to be injectable'))
      findings.push(`${target}: no verdict: ${said.slice(-300)}`)
  }
  return { name: 'sqlmap', findings, detail: `${targets.length} targets` }
}

/** How long an honest client waits meanwhile, at worst. */
const probing = (url: string) => {
  let worstMs = 0
  const timer = setInterval(async () => {
    const startedMs = performance.now()
    const { status } = await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(5_000) }).catch(
      () => ({ status: 0 }),
    )
    worstMs = Math.max(worstMs, status === 200 ? performance.now() - startedMs : Number.POSITIVE_INFINITY)
  }, 200)
  return () => (clearInterval(timer), worstMs)
}

const slowly = {
  headers: ['-H'],
  body: ['-B', '-f', 'application/json'],
  reading: ['-X', '-w', '1', '-y', '2', '-n', '5'],
}

const slow = async ({ url }: Target): Promise<readonly Scan[]> => {
  const scans: Scan[] = []
  for (const [what, mode] of Object.entries(slowly)) {
    const end = probing(url)
    const path = what === 'body' ? '/api/conversations' : '/openapi.json'
    const said = await run('slowhttptest', [
      ...mode,
      '-c',
      '400',
      '-r',
      '100',
      '-i',
      '5',
      '-l',
      '25',
      '-p',
      '3',
      '-u',
      url + path,
    ])
    const worstMs = end()
    const plain = stripVTControlCharacters(said)
    const isDown = /service available:\s*NO/.test(plain)
    const ran = /Exit status/.test(plain)
    scans.push({
      name: `slowhttptest, slow ${what}`,
      findings:
        isDown || worstMs > 1_000 || !ran ? [`service ${isDown ? 'down' : 'slow'}, ${worstMs} ms`] : [],
      detail: `400 connections, an honest request took ${Math.ceil(worstMs)} ms at worst`,
    })
  }
  return scans
}

const main = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'covent-scan-'))
  const home = join(folder, 'home')
  const settings = join(folder, 'covent.json')
  // Limits would answer in the place of what is to be scanned.
  writeFileSync(settings, '{ rateLimit: { enabled: false }, http: { requestTimeoutMs: 20000 } }')
  const server = await serverProcess({ command: [...commands.source, '--config', settings], home })
  const { key } = await overSocket<{ key: string }>(home, '/api/keys', { name: 'scan', role: 'operator' })
  const target = { url: server.ready.url, key, folder }
  try {
    const scans = [await ffuf(target), await wapiti(target), await sqlmap(target), ...(await slow(target))]
    for (const { name, findings, detail } of scans) {
      console.log(`${findings.length === 0 ? '✓' : '✗'} ${name}: ${findings.length} findings; ${detail}`)
      for (const finding of findings.slice(0, 20)) console.log(`    ${finding}`)
    }
    if (scans.some(({ findings }) => findings.length > 0)) process.exitCode = 1
  } finally {
    await server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}
await main()

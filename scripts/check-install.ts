import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packAll } from '../test/support/tarballs.ts'

/** What npm makes of the tarballs in an empty project: services without Inversify, and the whole with the command. */
const needInversify = /\/(di|server|cli|plugin-clock|plugin-notes)$/
const tarballs = [...(await packAll())]

const install = (files: readonly string[]): string => {
  const project = mkdtempSync(join(tmpdir(), 'covent-install-'))
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }')
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...files], {
    cwd: project,
    stdio: 'inherit',
  })
  return project
}

const services = tarballs.filter(([name]) => !needInversify.test(name))
const alone = install(services.map(([, file]) => file))
if (existsSync(join(alone, 'node_modules', 'inversify')))
  throw new Error('a service package brings Inversify')
for (const [name] of services)
  execFileSync(process.execPath, ['-e', `await import('${name}')`, '--input-type=module'], { cwd: alone })
console.log(`${services.length} packages install and load without Inversify`)

const whole = install(tarballs.map(([, file]) => file))
const env = { ...process.env, COVENT_HOME: join(whole, 'home') }
const report = execFileSync('npx', ['covent', 'doctor', '--json'], { cwd: whole, env, encoding: 'utf8' })
if (!(JSON.parse(report) as { ok: boolean }).ok)
  throw new Error(`covent doctor finds faults in a fresh install:\n${report}`)
console.log('the command runs from an install')
for (const project of [alone, whole]) rmSync(project, { recursive: true, force: true })

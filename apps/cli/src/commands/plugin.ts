import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ClientError } from '@covent/core'
import { Command } from 'commander'
import { homeOf } from '../home.ts'
import { buildPlugin } from '../plugin/build-plugin.ts'
import { dim, type Terminal, writeJson, writeLine } from '../terminal.ts'
import { configWords } from './doctor.ts'

interface Shared {
  readonly json?: boolean
}
interface BuildWords extends Shared {
  readonly out: string
  readonly config?: string
}
interface SignWords extends Shared {
  readonly key?: string
  readonly out?: string
}

const defaultKey = (env: NodeJS.ProcessEnv): string => join(homeOf(env), 'keys', 'plugin-author.pem')

const readPackageFile = (file: string): Promise<Uint8Array> =>
  readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new ClientError('request.not-found', `${file} cannot be read (${cause.code ?? 'unknown'})`, {
      cause,
    })
  })

const buildCommand = ({ env, stdout }: Terminal): Command =>
  new Command('build')
    .description('Bundle the plugin in a folder into one package')
    .argument('<dir>', 'the folder of plugin.ts')
    .requiredOption('--out <file>', 'the package to write, a .tgz')
    .action(async (dir: string, { out, config, json }: BuildWords) => {
      const packed = await buildPlugin(dir, { argv: configWords(config), env })
      const { sha256 } = await import('@covent/server/offline')
      await writeFile(out, packed)
      const made = { file: resolve(out), sha256: sha256(packed) }
      if (json === true) return writeJson(stdout, made)
      writeLine(stdout, `${made.file}  ${packed.length} bytes  sha256 ${made.sha256}`)
    })

const keygenCommand = ({ env, stdout }: Terminal): Command =>
  new Command('keygen')
    .description('Make an Ed25519 key to sign plugins with')
    .option('--out <file>', 'where to write it; keys/plugin-author.pem of the home')
    .action(async ({ out, json }: { readonly out?: string } & Shared) => {
      const { makeSigningKey } = await import('@covent/server/offline')
      const made = await makeSigningKey(out ?? defaultKey(env))
      if (json === true) return writeJson(stdout, made)
      writeLine(stdout, `${made.keyId}\nprivate, keep it to yourself  ${made.privateKey}`)
      writeLine(stdout, `public, for \`covent trust add\`  ${made.publicKey}`)
    })

const signCommand = ({ env, stdout }: Terminal): Command =>
  new Command('sign')
    .description('Sign a package with your key')
    .argument('<package>', 'a .tgz of `covent plugin build`')
    .option('--key <file>', 'the private key; keys/plugin-author.pem of the home')
    .option('--out <file>', 'the signed package; the same file when absent')
    .action(async (file: string, { key, out, json }: SignWords) => {
      const { keyIdOf, readPrivateKey, sha256, signPackage } = await import('@covent/server/offline')
      const privateKey = await readPrivateKey(key ?? defaultKey(env))
      const packed = await signPackage(await readPackageFile(file), privateKey, Date.now())
      await writeFile(out ?? file, packed)
      const made = { file: resolve(out ?? file), sha256: sha256(packed), keyId: keyIdOf(privateKey) }
      if (json === true) return writeJson(stdout, made)
      writeLine(stdout, `${made.file} is signed by ${made.keyId}`)
    })

/** The key must be trusted, as for an install; with `--key` it must be that one, trusted or not. */
const keysFor = async (key: string | undefined, env: NodeJS.ProcessEnv) => {
  const { readPublicKey, trustedAs, trustStore } = await import('@covent/server/offline')
  if (key === undefined) return trustStore(homeOf(env)).list()
  return [trustedAs(await readPublicKey(key))]
}

const verifyCommand = ({ env, stdout, stderr }: Terminal): Command =>
  new Command('verify')
    .description('Check a package, its files and its signature as an install does')
    .argument('<package>')
    .option('--key <file>', 'a public key, instead of the trust store')
    .action(async (file: string, { key, json }: { readonly key?: string } & Shared) => {
      const { readPackage, signerOf } = await import('@covent/server/offline')
      const found = await readPackage(await readPackageFile(file))
      const { id, version } = found.plugin
      const signer = signerOf(found, { keys: await keysFor(key, env), now: Date.now(), isNew: true })
      const told = {
        id,
        version,
        digest: found.digest,
        signed: signer !== undefined,
        ...(signer && { keyId: signer.keyId, owner: signer.owner }),
      }
      if (json === true) return writeJson(stdout, told)
      if (signer === undefined)
        writeLine(stderr, dim('Nobody signed it: its files are whole, its origin is unknown.', stderr))
      writeLine(
        stdout,
        `${id} ${version}${signer ? ` is signed by ${signer.owner} (${signer.keyId})` : ' is not signed'}`,
      )
    })

/** `plugin build | keygen | sign | verify`: what an author does; needs no server. */
export const pluginCommand = (terminal: Terminal): Command => {
  const plugin = new Command('plugin').description('Build, sign and verify plugin packages')
  const build = buildCommand(terminal).option(
    '--config <file>',
    'settings instead of covent.json in the home',
  )
  for (const command of [build, keygenCommand(terminal), signCommand(terminal), verifyCommand(terminal)])
    plugin.addCommand(command.option('--json', 'write JSON'))
  return plugin
}

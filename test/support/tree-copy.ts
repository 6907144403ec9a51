import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from './tarballs.ts'

export interface TreeCopy {
  /** Writes a file, runs a gate over the copy, puts the file back, and gives the gate's exit code and words. */
  gate(
    violation: { readonly file: string; readonly text: string | ((before: string) => string) },
    command: readonly string[],
  ): Verdict
  clean(command: readonly string[]): Verdict
  remove(): void
}
export interface Verdict {
  readonly status: number | null
  readonly output: string
}

/** A copy of the checkout's own files, with the installed packages linked, in which violations can be seeded. */
export const treeCopy = (): TreeCopy => {
  const copy = mkdtempSync(join(tmpdir(), 'covent-gates-'))
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  })
  for (const file of files.split('\0').filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true })
    cpSync(join(root, file), join(copy, file))
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const manifest of files.split('\0').filter((name) => name.endsWith('/package.json'))) {
    const modules = join(dirname(manifest), 'node_modules')
    if (existsSync(join(root, modules)))
      cpSync(join(root, modules), join(copy, modules), { recursive: true, verbatimSymlinks: true })
  }
  execFileSync('git', ['init', '-q'], { cwd: copy })
  return { ...seeding(copy), remove: () => rmSync(copy, { recursive: true, force: true }) }
}

const seeding = (copy: string): Pick<TreeCopy, 'gate' | 'clean'> => {
  const run = ([program = '', ...words]: readonly string[]): Verdict => {
    const { status, stdout, stderr } = spawnSync(join(root, 'node_modules', '.bin', program), words, {
      cwd: copy,
      encoding: 'utf8',
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
    })
    return { status, output: stdout + stderr }
  }
  return {
    clean: run,
    gate({ file, text }, command) {
      const path = join(copy, file)
      const origin = join(root, file)
      const before = existsSync(origin) ? execFileSync('cat', [origin], { encoding: 'utf8' }) : undefined
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, typeof text === 'string' ? text : text(before ?? ''))
      try {
        return run(command)
      } finally {
        if (before === undefined) rmSync(path)
        else writeFileSync(path, before)
      }
    },
  }
}

import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from './tarballs.ts'

export interface Violation {
  readonly file: string
  readonly text: string | ((before: string) => string)
}
export interface TreeCopy {
  /** Seeds violations, runs a gate over the copy, puts the files back, and gives the gate's exit code and words. */
  gate(violations: readonly Violation[], command: readonly string[]): Verdict
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

const seeding = (copy: string): Pick<TreeCopy, 'gate'> => {
  const run = ([program = '', ...words]: readonly string[]): Verdict => {
    const { status, stdout, stderr } = spawnSync(join(root, 'node_modules', '.bin', program), words, {
      cwd: copy,
      encoding: 'utf8',
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
    })
    return { status, output: stdout + stderr }
  }
  /** Gives what puts the file back. */
  const seed = ({ file, text }: Violation): (() => void) => {
    const path = join(copy, file)
    const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, typeof text === 'string' ? text : text(before ?? ''))
    return () => (before === undefined ? rmSync(path) : writeFileSync(path, before))
  }
  return {
    gate(violations, command) {
      const undo = violations.map(seed)
      try {
        return run(command)
      } finally {
        for (const back of undo) back()
      }
    },
  }
}

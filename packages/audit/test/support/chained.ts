import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AuditEntry } from '@covent/core'
import { auditPlace, chainedFileAuditLog, type ChainedFileOptions, verifyChain } from '@covent/audit'
import { testRing } from './test-ring.ts'

export const entry = (target: string): AuditEntry => ({
  actor: { kind: 'principal', id: 'anna' },
  action: 'plugin.install',
  target,
  outcome: 'allowed',
})

/** A started log of a home. */
export const openLog = async (home: string, options: Partial<ChainedFileOptions> = {}) => {
  const log = chainedFileAuditLog({ home, ring: testRing(), ...options })
  await log.start()
  return log
}

/** A home whose audit holds that many records, and whose server has ended. */
export const written = async (home: string, records = 6, options: Partial<ChainedFileOptions> = {}) => {
  const log = await openLog(home, options)
  for (let n = 1; n <= records; n++) await log.record(entry(String(n)))
  await log.stop()
  return home
}

export const verify = (home: string, more: Partial<Parameters<typeof verifyChain>[0]> = {}) =>
  verifyChain({ ...auditPlace(home), ring: testRing(), ...more })

export const firstFile = (home: string): string => join(auditPlace(home).folder, '000000000000001.jsonl')

/** What an attacker does to the lines of the first file. */
export const attack = (home: string, change: (lines: string[]) => readonly string[]): void => {
  const lines = readFileSync(firstFile(home), 'utf8').trimEnd().split('\n')
  writeFileSync(
    firstFile(home),
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  )
}

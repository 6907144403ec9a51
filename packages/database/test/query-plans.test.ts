import { expect, it } from 'vitest'
import { openConnection } from '../src/sqlite/connection.ts'
import { sqliteQueries } from '../src/sqlite/queries.gen.ts'
import { named } from './named-queries.ts'
import { openDatabase } from './open.ts'

/** Read whole: tables of few rows, the few rows that a claim chooses from, and indexes that hold open turns or waiting updates only. */
const mayScan: Readonly<Record<string, string>> = {
  'keys.list': 'SCAN api_keys',
  'devices.list': 'SCAN devices',
  'sessions.list': 'SCAN sessions',
  'sessions.instance': 'SCAN instance',
  'pairing.current': 'SCAN pairing_codes',
  'memories.nearest': 'USE TEMP B-TREE FOR ORDER BY',
  'memories.nearestWithin': 'USE TEMP B-TREE FOR ORDER BY',
  'outbox.claim': 'SCAN near',
  'outbox.isDue': 'SCAN near',
  'outbox.depths': 'SCAN outbox USING INDEX outbox_event',
  'outbox.unsubscribe': 'SCAN outbox_subscriptions',
  'jobs.now': 'SCAN CONSTANT ROW',
  'jobs.stats': 'SCAN jobs USING INDEX jobs_of_queue',
  'plugins.list': 'SCAN plugins',
  'pluginVersions.pending': 'SCAN plugin_versions USING INDEX plugin_versions_pending',
  'turns.lapsed': 'SCAN turns USING INDEX turns_open',
  'turns.renew': 'SCAN turns USING INDEX turns_open',
  'turns.releaseAll': 'SCAN turns USING INDEX turns_open',
}

it('finds every row by an index and sorts none', async () => {
  const { path } = await openDatabase()
  const db = openConnection(path, { readOnly: true, busyTimeoutMs: 0 })
  const queries = named(sqliteQueries)
  const bad = queries.flatMap(([name, { sql }]) => {
    const steps = db.execute(`explain query plan ${sql}`, []).rows
    return steps
      .map(({ detail }) => String(detail))
      .filter((detail) => /SCAN|TEMP B-TREE/.test(detail) && detail !== mayScan[name])
      .map((detail) => `${name}: ${detail}`)
  })
  db.close()
  expect(queries.length).toBeGreaterThan(30)
  expect(bad).toEqual([])
})

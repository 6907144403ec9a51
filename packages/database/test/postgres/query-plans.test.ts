import { describeWith } from '@covent/testing'
import pg from 'pg'
import { expect, it } from 'vitest'
import { postgresQueries } from '../../src/postgres/queries.gen.ts'
import { named } from '../named-queries.ts'
import { newDatabase, openPostgres, postgresOfFile } from './open.ts'

const openTurns = 'Index Scan using turns_open'

/** As on SQLite: tables of few rows, and indexes that hold open turns, running jobs, waiting updates or dead letters only. */
const may: Readonly<Record<string, string>> = {
  'keys.list': 'Index Scan using api_keys_pkey on api_keys',
  'devices.list': 'Index Scan using devices_pkey on devices',
  'sessions.list': 'Index Scan using sessions_pkey on sessions',
  'sessions.instance': 'Index Only Scan using instance_pkey on instance',
  'pairing.clear': 'Seq Scan on pairing_codes',
  'pairing.current': 'Seq Scan on pairing_codes',
  'plugins.list': 'Index Scan using plugins_pkey on plugins',
  'pluginVersions.pending': 'Index Scan using plugin_versions_pending on plugin_versions',
  'turns.lapsed': openTurns,
  'turns.renew': openTurns,
  'turns.releaseAll': openTurns,
  'keyValues.forget': openTurns,
  'outbox.redrive': 'Index Scan using outbox_dead on outbox',
  'outbox.redriveAll': 'Index Scan using outbox_dead on outbox',
  'outbox.depths': 'Index Scan using outbox_event on outbox',
  'jobs.running': 'Index Scan using jobs_of_owner',
  'jobs.candidates': 'Index Scan using jobs_of_owner',
  'jobs.stats': 'Index Scan using jobs_of_queue',
  // Within a turn only, whose messages are few.
  'messages.recent': 'Incremental Sort',
  'messages.recentBefore': 'Incremental Sort',
  // What a search has compared.
  'memories.nearest': 'Sort',
  'memories.nearestWithin': 'Sort',
}

/** So that the planner knows how much there is of what. */
const contents = `
  insert into conversations (id, principal_id, character, created_at) select 'c' || n, 'p' || n % 50, 'x', n
    from generate_series(1, 500) n;
  insert into turns (id, conversation_id, principal_id, character, model, state, created_at, owner, fence, lease_until)
    select 't' || n, 'c' || n % 500 + 1, 'p', 'x', 'm', case when n % 500 = 0 then 'accepted' else 'answered' end, n, 'o', 1, 0
    from generate_series(1, 5000) n;
  insert into messages (id, conversation_id, turn_id, role, text, created_at, status)
    select 'm' || n, 'c' || n % 500 + 1, 't' || n, 'user', 'x', n, 'answered' from generate_series(1, 5000) n;
  insert into jobs (id, queue, principal_id, payload, state, priority, rank, created_at, due_at, attempt, attempts, timeout_ms,
      owner, fence, is_cancelled, ended_at, history)
    select 'j' || n, 'q' || n % 5, '', '{}', case when n % 100 = 0 then 'running' when n % 50 = 0 then 'waiting' else 'completed' end,
      1, n, n, n, 1, 3, 1000, 'o', 1, 0, case when n % 50 > 0 then n end, '[]' from generate_series(1, 5000) n;
  analyze conversations, turns, messages, jobs`

/** The plan for any parameters, by indexes wherever the planner can. */
const planOf = async (client: pg.Client, name: string, sql: string): Promise<readonly string[]> => {
  await client.query(`prepare "${name}" as ${sql}`)
  const count = new Set(sql.match(/\$\d+/g)).size
  const parameters = count === 0 ? '' : `(${Array.from({ length: count }, () => 'null').join(', ')})`
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(
    `explain (costs off) execute "${name}"${parameters}`,
  )
  return rows.map((row) => row['QUERY PLAN'].trim().replace(/^->\s*/, ''))
}

const isCostly = (step: string): boolean => /^(?:Seq Scan|Sort$|Incremental Sort)/.test(step)
const isByIndex = (step: string): boolean => /^Index (?:Only )?Scan/.test(step)

describeWith('postgres', 'plans of queries', () => {
  const file = postgresOfFile()

  it('finds every row by an index and sorts none', async () => {
    const { url } = await openPostgres(await newDatabase(file))
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(contents)
    await client.query(
      'set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set enable_sort = off; set enable_bitmapscan = off',
    )
    const bad: string[] = []
    for (const [name, { sql }] of named(postgresQueries)) {
      const steps = await planOf(client, name, sql)
      const costly = steps.filter(
        (step, n) => isCostly(step) || (isByIndex(step) && !steps[n + 1]?.startsWith('Index Cond')),
      )
      bad.push(
        ...costly
          .filter((step) => !step.startsWith(may[name] ?? 'nothing'))
          .map((step) => `${name}: ${step}`),
      )
    }
    await client.end()
    expect(bad).toEqual([])
  })
})

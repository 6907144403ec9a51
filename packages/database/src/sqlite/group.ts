import { DatabaseError } from '@covent/core'
import type { Connection } from './connection.ts'
import { type Group, type Outcome, performUnit, type Unit } from './unit.ts'

interface Done {
  readonly unit: Unit
  readonly value: unknown
}

const lost = (): DatabaseError =>
  new DatabaseError('database.unavailable', 'The transaction was lost; nothing of it was kept')

const rollBack = (connection: Connection): void => {
  if (connection.inTransaction) connection.command('rollback')
}

/** Runs a unit so that its failure undoes its own writes only. */
const performInSavepoint = async (group: Group, unit: Unit): Promise<Outcome> => {
  const { connection } = group
  connection.command('savepoint unit')
  const outcome = await performUnit(group, unit)
  if (!connection.inTransaction) return outcome
  if (outcome.state === 'failed') connection.command('rollback to unit')
  connection.command('release unit')
  return outcome
}

/** Runs all units and returns those that went well; rejects when the transaction is gone. */
const runAll = async (group: Group, units: readonly Unit[]): Promise<readonly Done[]> => {
  const done: Done[] = []
  for (const unit of units) {
    const alone = unit.kind === 'statement' || units.length === 1
    const outcome = await (alone ? performUnit(group, unit) : performInSavepoint(group, unit))
    if (outcome.state === 'failed') unit.reject(outcome.error)
    else done.push({ unit, value: outcome.value })
    if (!group.connection.inTransaction)
      throw outcome.state === 'failed' ? outcome.error : (group.failure ?? lost())
  }
  return done
}

/**
 * Runs the units one after another in one transaction with one commit, and settles each: those that went well once
 * the commit is on the disk. When the transaction itself fails all are rejected, and the failure is returned.
 */
export const runGroup = async (connection: Connection, units: readonly Unit[]): Promise<unknown> => {
  try {
    rollBack(connection)
    connection.command('begin immediate')
    const done = await runAll({ connection }, units)
    connection.command(done.length === 0 ? 'rollback' : 'commit')
    for (const { unit, value } of done) unit.resolve(value as never)
    return undefined
  } catch (failure) {
    for (const unit of units) unit.reject(failure)
    return failure
  }
}

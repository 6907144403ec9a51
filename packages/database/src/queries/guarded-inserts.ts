import {
  InsertQueryNode,
  type KyselyPlugin,
  OnConflictNode,
  type RootOperationNode,
  type ValuesNode,
} from 'kysely'

/** Also tells the inserts that were given it from those that have it of their own. */
const doNothing = OnConflictNode.cloneWith(OnConflictNode.create(), { doNothing: true })

const putsOneRow = ({ values, onConflict }: InsertQueryNode): boolean =>
  onConflict === undefined && values?.kind === 'ValuesNode' && (values as ValuesNode).values.length === 1

export const isGuarded = (node: RootOperationNode): boolean =>
  InsertQueryNode.is(node) && node.onConflict === doNothing

/**
 * Lets an insert of one row change nothing where its key is taken. For engines on which a statement that fails takes its
 * transaction with it: whoever has dealt with the conflict goes on.
 */
export const guardedInserts: KyselyPlugin = {
  transformQuery: ({ node }) =>
    InsertQueryNode.is(node) && putsOneRow(node) ? { ...node, onConflict: doNothing } : node,
  transformResult: async ({ result }) => result,
}

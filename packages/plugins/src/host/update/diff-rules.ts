import { subset, validRange } from 'semver'

/** Whether a changed value lets the plugin do more; one that is absent is undefined. */
export type Rule = (before: unknown, after: unknown) => boolean

const never: Rule = () => false
/** What is there is new; what is gone lets it do less. */
export const isNew: Rule = (_, after) => after !== undefined

const raised: Rule = (before, after) =>
  typeof after === 'number' && (typeof before !== 'number' || after > before)

/** A cap that is not there caps nothing. */
const cap: Rule = (before, after) => before !== undefined && (after === undefined || raised(before, after))

const along =
  (order: readonly unknown[]): Rule =>
  (before, after) =>
    after !== undefined && order.indexOf(after) > order.indexOf(before)

const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

const within =
  (covers: (one: string, other: string) => boolean): Rule =>
  (before, after) =>
    !list(after).every((wanted) => list(before).some((known) => covers(known, wanted)))

const names = within((known, wanted) => known === wanted)

/** A filter that is not there lets everything through. */
const filter: Rule = (before, after) => before !== undefined && (after === undefined || names(before, after))

const httpsPort = ':443'
const withoutPort = (host: string): string =>
  host.endsWith(httpsPort) ? host.slice(0, -httpsPort.length) : host

/** A wildcard stands for one label: `*.x.com` covers `a.x.com`, neither `x.com` nor `a.b.x.com`. */
const hosts = within((known, wanted) => {
  const [one, other] = [withoutPort(known), withoutPort(wanted)]
  if (one === other) return true
  return one.startsWith('*.') && !other.startsWith('*.') && other.slice(other.indexOf('.')) === one.slice(1)
})

const range: Rule = (before, after) => {
  const [known, wanted] = [validRange(String(before)), validRange(String(after))]
  return known === null || wanted === null || before === undefined || !subset(wanted, known)
}

/**
 * The rule of each place in a manifest; `*` is any one name. Everything that is not named here widens where it is new or
 * different, so that a field that comes to manifests later needs consent until somebody says that it does not.
 */
export const rules: readonly (readonly [place: readonly string[], rule: Rule])[] = [
  [['version'], never],
  [['title'], never],
  [['description'], never],
  [['license'], never],
  [['homepage'], never],
  [['engines', '*'], never],
  [['hooks'], never],
  [['on'], names],
  [['permissions', '*', 'reason'], never],
  [['permissions', '*', 'hosts'], hosts],
  [['permissions', 'net:dns', 'names'], hosts],
  [['permissions', '*', 'names'], names],
  [['permissions', '*', 'commands'], names],
  [['permissions', '*', 'routes'], names],
  [['permissions', '*', 'paths'], filter],
  [['permissions', '*', 'methods'], filter],
  [['permissions', '*', 'models'], filter],
  [['permissions', '*', 'maxBytes'], cap],
  [['permissions', '*', 'maxTokensPerDay'], cap],
  // From reading to writing and from writing to reading are both more than before.
  [
    ['permissions', 'data:memory', 'access'],
    (before, after) => before !== 'readwrite' && after !== undefined,
  ],
  [['permissions', 'data:memory', 'conversations'], along(['current', 'all'])],
  [['limits', '*'], raised],
  [['isolation', 'level'], along(['vm', 'container', 'process', 'worker'])],
  // Words for people on the permissions, which are compared themselves.
  [['isolation', 'network'], never],
  [['isolation', 'filesystem'], never],
  [['secrets', '*', 'description'], never],
  [['secrets', '*', 'required'], never],
  [['secrets', '*', 'inject', 'hosts'], hosts],
  // As one: its defaults take effect unasked, and it is read best side by side.
  [['config'], isNew],
  [['emits', '*', 'payload'], never],
  [['uses', '*', 'name'], never],
  [['uses', '*', 'optional'], never],
  [['uses', '*', 'range'], range],
  [['dependsOn', '*'], range],
  [['provides', '*', 'version'], never],
  [['provides', '*', 'methods', '*', 'input'], never],
  [['provides', '*', 'methods', '*', 'output'], never],
  // A smaller one takes the same code past approvals and `actions.allow`.
  [['contributes', 'actions', '*', 'effect'], isNew],
  [['contributes', 'actions', '*', 'output'], never],
  [['contributes', 'actions', '*', 'isConditional'], never],
  [['contributes', 'providers', '*', 'timeoutMs'], never],
]

import type { Labels, Metrics } from '@covent/core'

export interface Series {
  readonly labels: Labels
  readonly value: number
}
export interface Distribution {
  readonly labels: Labels
  readonly count: number
  readonly sum: number
  /** Observations up to each bound, the last bound being infinite; not cumulative. */
  readonly buckets: readonly { readonly upTo: number; readonly count: number }[]
}
export type MetricFamily =
  | { readonly name: string; readonly kind: 'counter' | 'gauge'; readonly series: readonly Series[] }
  | { readonly name: string; readonly kind: 'histogram'; readonly series: readonly Distribution[] }

export interface MetricsRegistry extends Metrics {
  /** All that was measured, by name. */
  snapshot(): readonly MetricFamily[]
}

export interface MetricsRegistryOptions {
  /** Label sets per name (200). Those beyond it are measured together, as one series labelled `overflow="true"`. */
  readonly maxSeries?: number
  /** Names (1,000). Those beyond it, and uses of a name as another kind, only count in `metrics_refused_total`. */
  readonly maxNames?: number
}

interface Cell {
  readonly labels: Labels
  value: number
  count: number
  readonly counts: number[]
}
interface Family {
  readonly name: string
  readonly kind: MetricFamily['kind']
  readonly bounds: readonly number[]
  readonly cells: Map<string, Cell>
}

const refusedName = 'metrics_refused_total'
const noLabels: Labels = {}
const overflowLabels: Labels = { overflow: 'true' }

/** Counters, gauges and histograms in memory, bounded in names and label sets. Values that are no number are left out. */
export const metricsRegistry = (options: MetricsRegistryOptions = {}): MetricsRegistry => {
  const { maxSeries = 200, maxNames = 1000 } = options
  const families = new Map<string, Family>()

  const familyOf = (name: string, kind: Family['kind']): Family | undefined => {
    const family = families.get(name)
    if (family !== undefined) return family.kind === kind ? family : undefined
    if (families.size >= maxNames && name !== refusedName) return undefined
    const bounds = kind === 'histogram' ? boundsOf(name) : []
    const made: Family = { name, kind, bounds, cells: new Map() }
    families.set(name, made)
    return made
  }
  const cellOf = (family: Family, labels: Labels): Cell => {
    const key = keyOf(labels)
    const cell = family.cells.get(key)
    if (cell !== undefined) return cell
    if (family.cells.size >= maxSeries && labels !== overflowLabels) return cellOf(family, overflowLabels)
    const counts = family.kind === 'histogram' ? [...family.bounds, 0].map(() => 0) : []
    const made: Cell = { labels: { ...labels }, value: 0, count: 0, counts }
    family.cells.set(key, made)
    return made
  }
  const find = (name: string, kind: Family['kind'], labels: Labels): [Family, Cell] | undefined => {
    const family = familyOf(name, kind)
    if (family !== undefined) return [family, cellOf(family, labels)]
    if (name !== refusedName) registry.count(refusedName)
    return undefined
  }

  const registry: MetricsRegistry = {
    count(name, by = 1, labels = noLabels) {
      if (!(by >= 0 && by < Number.POSITIVE_INFINITY)) return
      const found = find(name, 'counter', labels)
      if (found !== undefined) found[1].value += by
    },
    gauge(name, value, labels = noLabels) {
      if (!Number.isFinite(value)) return
      const found = find(name, 'gauge', labels)
      if (found !== undefined) found[1].value = value
    },
    observe(name, value, labels = noLabels) {
      if (!Number.isFinite(value)) return
      const found = find(name, 'histogram', labels)
      if (found !== undefined) add(found, value)
    },
    snapshot: () => [...families.values()].map(familySnapshot),
  }
  return registry
}

const add = ([{ bounds }, cell]: [Family, Cell], value: number): void => {
  const place = bounds.findIndex((bound) => value <= bound)
  cell.counts[place === -1 ? bounds.length : place]!++
  cell.count++
  cell.value += value
}

const frozenKeys = new WeakMap<Labels, string>()

/** Labels that cannot change are put in words once. */
const keyOf = (labels: Labels): string => {
  const known = frozenKeys.get(labels)
  if (known !== undefined) return known
  const key = keyFrom(labels)
  if (Object.isFrozen(labels)) frozenKeys.set(labels, key)
  return key
}

const keyFrom = (labels: Labels): string => {
  const names = Object.keys(labels)
  if (names.length === 0) return ''
  if (names.length === 1) return JSON.stringify([names[0], labels[names[0]!]])
  return JSON.stringify(names.toSorted().flatMap((name) => [name, labels[name]]))
}

const msBounds = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000]
const secondBounds = msBounds.map((ms) => ms / 1000)
const countBounds = Array.from({ length: 16 }, (_, n) => 4 ** n)

/** Bounds by the unit in the name. */
const boundsOf = (name: string): readonly number[] => {
  if (name.endsWith('_ms')) return msBounds
  return name.endsWith('_seconds') ? secondBounds : countBounds
}

const familySnapshot = ({ name, kind, bounds, cells }: Family): MetricFamily => {
  const all = [...cells.values()]
  if (kind !== 'histogram') return { name, kind, series: all.map(({ labels, value }) => ({ labels, value })) }
  const series = all.map(({ labels, value, count, counts }) => ({
    labels,
    count,
    sum: value,
    buckets: counts.map((count, n) => ({ upTo: bounds[n] ?? Number.POSITIVE_INFINITY, count })),
  }))
  return { name, kind, series }
}

import { createHash } from 'node:crypto'

type Row = Readonly<Record<string, unknown>>

/** One form for what engines give of a value: whole numbers as text, vectors as numbers of single precision. */
const plain = (value: unknown): unknown => {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array)
    return Array.from(new Float32Array(value.slice().buffer)) satisfies readonly number[]
  if (Array.isArray(value)) return value.map((part) => Math.fround(Number(part)))
  return value
}

/** SHA-256 over rows, whatever the order of their columns; hex. */
export const rowDigest = () => {
  const hash = createHash('sha256')
  return {
    add(row: Row): void {
      const columns = Object.keys(row).toSorted()
      hash.update(`${JSON.stringify(columns.map((column) => [column, plain(row[column])]))}\n`)
    },
    end: (): string => hash.digest('hex'),
  }
}

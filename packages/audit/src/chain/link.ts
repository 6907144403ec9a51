import { createHmac, hash } from 'node:crypto'

/** Where a chain stands: number and hash of its last record, and the key of the next one. */
export interface Link {
  readonly seq: number
  readonly hash: string
  readonly key: Buffer
}

/** A line as it stands in a file. `body` is the record's JSON up to where the two sums begin. */
export interface SealedLine {
  readonly seq: number
  readonly body: string
  readonly hash: string
  readonly mac: string
}

const shape = /^(\{"seq":(\d{1,15}),.*),"hash":"([\w-]{43})","mac":"([\w-]{43})"\}$/

/** Undefined for what is no line of a chain. */
export const parseLine = (text: string): SealedLine | undefined => {
  const [, body, seq, sum, mac] = shape.exec(text) ?? []
  return body === undefined ? undefined : { seq: Number(seq), body, hash: sum!, mac: mac! }
}

/** The sum of a record and of all before it. */
const sumOf = (previous: string, body: string): string => hash('sha256', previous + body, 'base64url')
/** Over the body too, so that a record is known as genuine also where the one before it is gone. */
const macOf = (key: Buffer, body: string, sum: string): string =>
  createHmac('sha256', key).update(body).update(sum).digest('base64url')

/** No key can be computed from those after it. */
export const nextKey = (key: Buffer): Buffer => createHmac('sha256', key).update('next').digest()

/** Adds a record, given as a JSON object without `seq`. */
export const seal = ({ seq, hash: previous, key }: Link, json: string): { line: string; link: Link } => {
  const body = `{"seq":${seq + 1},${json.slice(1, -1)}`
  const sum = sumOf(previous, body)
  const line = `${body},"hash":"${sum}","mac":"${macOf(key, body, sum)}"}\n`
  return { line, link: { seq: seq + 1, hash: sum, key: nextKey(key) } }
}

/** Whether the line is the one that was written at its number, whatever stands before it. */
export const isGenuine = ({ body, hash: sum, mac }: SealedLine, key: Buffer): boolean =>
  macOf(key, body, sum) === mac

/** Whether the line follows what stands before it. */
export const isLinked = ({ seq, body, hash: sum }: SealedLine, before: Pick<Link, 'seq' | 'hash'>): boolean =>
  seq === before.seq + 1 && sumOf(before.hash, body) === sum

/** The chain after that line; undefined where the line is not the one that comes next. */
export const follow = (link: Link, line: SealedLine): Link | undefined =>
  isLinked(line, link) && isGenuine(line, link.key)
    ? { seq: line.seq, hash: line.hash, key: nextKey(link.key) }
    : undefined

import * as z from 'zod'

const milliseconds = (least: number, most: number) => z.int().min(least).max(most)

/** A host name or address as it stands in a Host header, without its port. */
const hostName = z
  .string()
  .regex(/^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/i, 'is not a host name')

const origin = z
  .string()
  .regex(
    /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/,
    'is no origin such as https://app.example',
  )

/** The `http` settings. */
export const httpConfig = z.strictObject({
  /** The address to listen on; another than loopback needs a key to exist. */
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 = any free port. */
  port: z.int().min(0).max(65_535).default(7420),
  headersTimeoutMs: milliseconds(100, 15_000).default(15_000),
  /** For receiving a request; answers may take longer. */
  requestTimeoutMs: milliseconds(100, 60_000).default(60_000),
  /** Of a request's body, also after gzip is undone. */
  bodyLimitBytes: z.int().min(1024).max(67_108_864).default(1_048_576),
  /** Host names that requests may name besides the loopback names and `host`. */
  allowedHosts: z.array(hostName).max(100).default([]),
  /** Pages of other origins, such as https://app.example, that may call with a key. None unless named. */
  cors: z.strictObject({ origins: z.array(origin).max(100).default([]) }).prefault({}),
  /** Ranges of addresses, such as 10.0.0.0/8, whose `X-Forwarded-For` is believed. */
  trustedProxies: z
    .array(z.union([z.cidrv4(), z.cidrv6()], 'is no range of addresses'))
    .max(100)
    .default([]),
  /** Requests under way at once. A principal alone may take half of them, and less when others come. */
  concurrency: z.int().min(2).max(100_000).default(2_000),
  shutdownGraceMs: milliseconds(0, 600_000).default(10_000),
})
export type HttpConfig = z.output<typeof httpConfig>

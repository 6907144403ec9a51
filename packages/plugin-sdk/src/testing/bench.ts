import type { EventMap, EventName, PluginInfo, Provided } from '@covent/core'
import type { Plugin } from '../contract/define-plugin.ts'
import type { TestCaller, TestMemory } from './builders.ts'

/** What the outside answers to one request. */
export interface HttpFixture {
  /** 200 when absent. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The body as JSON; `text` otherwise, and empty without both. */
  readonly json?: unknown
  readonly text?: string
}

/** What a model says to that. */
export type TestAnswer = (asked: {
  readonly prompt: string
  readonly system?: string
  readonly model: string
}) => string | Promise<string>

export interface TestHostOptions {
  /**
   * URL of the file whose default export the plugin is. The file is what runs, in the sandbox; of a plugin of several files,
   * or with npm packages, it is the `.tgz` of `covent plugin build`.
   */
  readonly file: string | URL
  /** Permissions that are granted; what the plugin requires, when absent. */
  readonly grants?: readonly string[]
  readonly config?: Readonly<Record<string, unknown>>
  /** The outside network, by `GET https://api.example.com/path?query`. Any other request fails, and the error names it. */
  readonly http?: Readonly<Record<string, HttpFixture>>
  /** Values of secrets, all of them left to the plugin. */
  readonly secrets?: Readonly<Record<string, string>>
  /** What is remembered already, each made by `aMemory`. A search finds what shares words with the query. */
  readonly memories?: readonly TestMemory[]
  /** Answers `ctx.ai`; without it a call of that fails, and says so. */
  readonly ai?: TestAnswer
  /** The server's environment, as far as it has one here. */
  readonly environment?: Readonly<Record<string, string>>
  /** Settings under `isolation`. */
  readonly isolation?: Readonly<Record<string, unknown>>
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
}

/** A request that left for the outside, with the headers that the host added. */
export interface SentRequest {
  readonly method: string
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Time on the host's side. It passes as it always does, and `advance` skips some of it: expiries of `ctx.kv` and waits of the
 * host come earlier. `Date` inside the plugin and the deadline of a call in hand are not moved.
 */
export interface TestClock {
  now(): number
  advance(ms: number): Promise<void>
}

/** A plugin in a real sandbox, with memory for its values. It has no way to the network but `http`. */
export interface TestHost extends AsyncDisposable {
  /** Calls an action, as `anna` unless told. Rejects with a `PluginError`, as in the server. */
  call(action: string, input: unknown, caller?: TestCaller): Promise<unknown>
  /** What its providers add to a turn with that text. */
  provide(text: string, caller?: TestCaller): Promise<readonly Provided[]>
  /** Shows an answered turn to its evaluators, and waits for them. */
  evaluate(said: { readonly text: string; readonly reply: string }, caller?: TestCaller): Promise<void>
  /** Emits an event of the server. */
  emit<K extends EventName>(name: K, payload: EventMap[K]): void
  /** What the plugin has emitted. */
  readonly emitted: readonly { readonly name: string; readonly payload: unknown }[]
  /** What it has logged. */
  readonly logged: readonly LogLine[]
  /** Requests that were let through, in order. */
  readonly requests: readonly SentRequest[]
  /** What is remembered by now, in order. */
  readonly memories: readonly TestMemory[]
  readonly clock: TestClock
  info(): PluginInfo
}

/** What `@covent/plugins/testing` brings: the sandbox. */
export interface TestBench {
  testBench(plugin: Plugin, options: TestHostOptions): Promise<TestHost>
}

export { aCall, aMessage, type TestCaller } from './testing/builders.ts'
export type {
  HttpFixture,
  LogLine,
  SentRequest,
  TestBench,
  TestClock,
  TestHost,
  TestHostOptions,
} from './testing/bench.ts'
export { testHost } from './testing/test-host.ts'

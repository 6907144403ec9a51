export { aCall, aMemory, aMessage, type TestCaller, type TestMemory } from './testing/builders.ts'
export type {
  HttpFixture,
  LogLine,
  SentRequest,
  TestAnswer,
  TestBench,
  TestClock,
  TestHost,
  TestHostOptions,
} from './testing/bench.ts'
export { testHost } from './testing/test-host.ts'

export { type FakeClock, fakeClock } from './fake-clock.ts'
export { temporaryFolder } from './home.ts'
export { describeWith, type Program, programPath } from './needs.ts'

export { type Opened, type Runner, storesSuite } from './testing/stores-suite.ts'

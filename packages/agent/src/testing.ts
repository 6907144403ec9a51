export { memoriesSuite, type Runner } from './memory/memories-suite.ts'

export { type JobsSuiteOptions, jobsSuite, type OpenedJobs, type Runner } from './testing/jobs-suite.ts'

export * from './job.ts'
export * from './job-store.ts'
export * from './jobs.ts'

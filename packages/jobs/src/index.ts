export { jobQueue, type JobQueueOptions } from './drivers/embedded.ts'
export { type Program, type ProgramEnd, runProgram } from './program.ts'

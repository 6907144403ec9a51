export { type App, compose } from './compose.ts'
export { swap } from './swap.ts'

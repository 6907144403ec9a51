import type { ErrorSpec } from './app-error.ts'

export const spec = (status: number, title: string, remedy: string): ErrorSpec => ({ status, title, remedy })

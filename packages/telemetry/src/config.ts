import * as z from 'zod'

/** Settings under `log`. */
export const logConfig = z.strictObject({
  level: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('The least level that is written.'),
})
export type LogConfig = z.output<typeof logConfig>
export type LogLevel = LogConfig['level']

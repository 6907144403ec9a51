import { type EnqueueOptions, type JobQueue, type NewJob, newId, ValidationError } from '@covent/core'
import * as z from 'zod'
import { type AnyQueue, limitsOf } from './embedded/engine.ts'

const ms = z
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER / 4)
const optionsSchema = z
  .object({
    priority: z.int().min(-100).max(100).default(0),
    delayMs: ms.optional(),
    runAt: ms.min(1).optional(),
    idempotencyKey: z.string().min(1).max(200).optional(),
    principalId: z.string().min(1).max(200).optional(),
    attempts: z.int().min(1).max(100).optional(),
    timeoutMs: z.int().min(1).max(86_400_000).optional(),
  })
  .refine(({ delayMs, runAt }) => delayMs === undefined || runAt === undefined, {
    message: 'give delayMs or runAt, not both',
  })

const refused = (queue: string, error: z.ZodError): ValidationError =>
  new ValidationError('validation.failed', `job for ${queue}: ${z.prettifyError(error)}`)

/** A job as the store takes it. Throws `validation.failed`. */
export const newJob = <P>(
  queue: JobQueue<P>,
  payload: P,
  { options: given, nowMs }: { readonly options: EnqueueOptions; readonly nowMs: number },
): NewJob => {
  const checked = queue.payload.safeParse(payload)
  if (!checked.success) throw refused(queue.name, checked.error)
  const options = optionsSchema.safeParse(given)
  if (!options.success) throw refused(queue.name, options.error)
  const { delayMs = 0, runAt, priority, attempts, timeoutMs, ...rest } = options.data
  const limits = limitsOf(queue as AnyQueue)
  return {
    ...rest,
    id: newId('job', nowMs),
    queue: queue.name,
    payload,
    priority,
    attempts: attempts ?? limits.attempts,
    timeoutMs: timeoutMs ?? limits.timeoutMs,
    due: runAt === undefined ? { delayMs } : { at: runAt },
  }
}

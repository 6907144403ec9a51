import * as z from 'zod'

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ example: 'request.not-found' }),
    detail: z.string(),
    requestId: z.string(),
    messageId: z.string().optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457; codes are listed in docs/errors.md.' })

export const openAiErrorSchema = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      code: z.string(),
      param: z.string().nullable(),
    }),
  })
  .meta({ id: 'OpenAIError' })

import { type Conversation, isId, type Message } from '@covent/core'
import * as z from 'zod'
import { isoTime, time } from './page.ts'

export const conversationId = z.string().refine((value) => isId('conv', value), 'is not a conversation id')

export const conversationSchema = z
  .object({ id: z.string(), character: z.string(), createdAt: time })
  .meta({ id: 'Conversation' })
export type ConversationView = z.output<typeof conversationSchema>

export const conversationView = ({ id, character, createdAt }: Conversation): ConversationView => ({
  id,
  character,
  createdAt: isoTime(createdAt),
})

export const messageSchema = z
  .object({
    id: z.string(),
    conversationId: z.string(),
    turnId: z.string(),
    role: z.enum(['user', 'assistant', 'action', 'system']),
    text: z.string(),
    createdAt: time,
    status: z.enum(['accepted', 'answered', 'failed']),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  })
  .meta({ id: 'Message' })
export type MessageView = z.output<typeof messageSchema>

export const messageView = (message: Message): MessageView => ({
  id: message.id,
  conversationId: message.conversationId,
  turnId: message.turnId,
  role: message.role,
  text: message.text,
  createdAt: isoTime(message.createdAt),
  status: message.status,
  ...(message.error !== undefined && { error: message.error }),
})

/** Text that any store keeps as it is: well-formed Unicode without NUL. */
export const messageText = z
  .string()
  .min(1)
  .refine((text) => text.isWellFormed(), 'holds half of a surrogate pair')
  .refine((text) => !text.includes('\0'), 'holds a NUL character')

export const newMessage = z.strictObject({
  text: messageText,
  attachments: z.array(z.unknown()).max(0, 'attachments are not supported').optional(),
})

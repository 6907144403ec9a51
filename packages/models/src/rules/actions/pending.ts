import type { ModelMessage, ModelTool } from '@covent/core'
import { choose, questionFor } from './choose.ts'
import type { Reply } from '../reply.ts'
import { valueFor } from './schema.ts'
import { sentencesOf } from '../sentences.ts'

/** The message before and the question it was answered with, where the last answer was such. */
const lastExchange = (
  messages: readonly ModelMessage[],
): { readonly asked: string; readonly question: string } | undefined => {
  const [user, assistant] = messages.slice(-3, -1)
  if (user?.role !== 'user' || assistant?.role !== 'assistant') return undefined
  return { asked: user.text, question: assistant.text }
}

/** Takes a message as the answer to the question for an input that the model asked just before. */
export const answerPending = (
  messages: readonly ModelMessage[],
  tools: readonly ModelTool[],
  text: string,
): Reply | undefined => {
  const exchange = lastExchange(messages)
  if (exchange === undefined) return undefined
  for (const sentence of sentencesOf(exchange.asked)) {
    const choice = choose(tools, sentence.text)
    if (choice?.kind !== 'ask' || !exchange.question.endsWith(questionFor(choice.tool, choice.missing)))
      continue
    const value = valueFor(choice.missing, text.trim().replace(/[.!?]{1,3}$/, ''))
    if (value === undefined) return undefined
    return {
      text: '',
      calls: [{ tool: choice.tool, input: { ...choice.input, [choice.missing.name]: value } }],
    }
  }
  return undefined
}

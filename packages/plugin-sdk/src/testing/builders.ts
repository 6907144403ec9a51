import type { CallContext, EventMap, NewMemory } from '@covent/core'

/** On whose behalf, where it matters. */
export type TestCaller = Partial<Omit<CallContext, 'callId'>>

/** Something that is remembered of a person. */
export type TestMemory = Omit<NewMemory, 'conversationId'> & { readonly conversationId: string }

/** On whose behalf a call is made: by `anna`, in a conversation with `assistant`, unless told. */
export const aCall = (differing: TestCaller = {}): Omit<CallContext, 'callId'> => ({
  turnId: 'turn',
  principalId: 'anna',
  conversationId: 'conversation',
  character: 'assistant',
  ...differing,
})

/** What a person said, as the event `agent.message.received` tells it. */
export const aMessage = (
  text: string,
  differing: Partial<EventMap['agent.message.received']> = {},
): EventMap['agent.message.received'] => {
  const { turnId, principalId } = aCall()
  return { messageId: 'message', turnId, conversationId: 'conversation', principalId, text, ...differing }
}

/** What is remembered of `anna` from that conversation, by another plugin, unless told. */
export const aMemory = (text: string, differing: Partial<TestMemory> = {}): TestMemory => ({
  principalId: 'anna',
  conversationId: 'conversation',
  origin: 'acme.other',
  isTainted: false,
  text,
  ...differing,
})

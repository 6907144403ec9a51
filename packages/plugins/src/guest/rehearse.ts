import { definePlugin, z } from '@covent/plugin-sdk'
import { describePlugin } from '@covent/plugin-sdk/manifest'

const restMs = 100
const emptyModule: string = 'data:text/javascript,0'

const rehearse = async (): Promise<void> => {
  const text = z.object({ text: z.string() })
  const run = async ({ text }: { text: string }) => ({ text })
  const action = { description: 'Answers', effect: 'read', input: text, output: text, run } as const
  const definition = {
    id: 'covent.rehearsal',
    version: '1.0.0',
    type: 'utility',
    actions: { action },
  } as const
  describePlugin(definePlugin({ ...definition, description: 'Goes through what a plugin needs.' }))
  await import(emptyModule)
}

/**
 * While no plugin has come, goes once through what loading one needs, so that it is compiled by then. A start that is
 * waited for is not delayed by it. Returns how to call it off.
 */
export const rehearsal = (): (() => void) => {
  const timer = setTimeout(() => void rehearse().catch(() => {}), restMs) // the first plugin will tell what fails
  return () => clearTimeout(timer)
}

import { describe, expect, it } from 'vitest'
import { definePlugin, z } from '../src/index.ts'
import { describePlugin } from '../src/manifest.ts'

const base = {
  id: 'acme.made',
  version: '1.0.0',
  type: 'extension',
  description: 'Made for a test.',
} as const

describe('onConfigChange', () => {
  const config = z.object({ unit: z.enum(['c', 'f']).default('c') })

  it('gets both settings as they were parsed, says what becomes of it, and stands in the manifest', () => {
    const made = definePlugin({
      ...base,
      config,
      async onConfigChange(next, previous, ctx) {
        ctx.metrics.count('changes', 1, { unit: next.unit })
        // @ts-expect-error -- a label is text
        ctx.metrics.observe('changes', 1, { unit: 1 })
        ctx.log.info(`${previous.unit} ${next.unit}`)
        // @ts-expect-error -- no such setting
        void next.size
        return ctx.config.unit === next.unit ? 'applied' : 'restart'
      },
    })
    expect(describePlugin(made).hooks).toEqual(['config'])
    // @ts-expect-error -- it says applied or restart
    definePlugin({ ...base, config, onConfigChange: async () => 'later' })
  })
})

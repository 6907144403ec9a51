import { describe, it } from 'vitest'
import { memoryEventBus } from '@covent/events'
import { eventBusSuite } from '@covent/events/testing'

eventBusSuite({ describe, it }, 'memory', async () => ({ bus: memoryEventBus(), close: async () => {} }))

import { systemClock } from '@covent/core'
import { weakProcessDriver } from '../src/drivers/process-weak.ts'
import { containment } from './containment.ts'

containment('a hostile plugin in the weak process sandbox', weakProcessDriver({ uid: 60_977 }, systemClock))

import type { SecondFactorRecord } from '@covent/core'
import { equal } from '../assert.ts'
import type { Cases } from '../stores-suite.ts'

const factor = (fields: Partial<SecondFactorRecord> = {}): SecondFactorRecord => ({
  deviceId: 'd1',
  sealed: 'k1.abc',
  lastStep: 0,
  tries: 0,
  nextTryAt: 0,
  ...fields,
})

export const secondFactorCases: Cases = {
  async 'keeps one for each device, the last that was put'({ stores: { secondFactors } }) {
    equal(await secondFactors.find('d1'), undefined)
    await secondFactors.put(factor({ confirmedAt: 5, tries: 3 }))
    await secondFactors.put(factor({ sealed: 'k1.new' }))
    equal(await secondFactors.find('d1'), factor({ sealed: 'k1.new' }))
    equal([await secondFactors.remove('d1'), await secondFactors.remove('d1')], [true, false])
    equal(await secondFactors.find('d1'), undefined)
  },
  async 'counts tries that come at once one by one'({ stores: { secondFactors } }) {
    await secondFactors.put(factor())
    const counted = await Promise.all([1, 2, 3].map((at) => secondFactors.count(factor(), at)))
    equal(counted.filter(Boolean).length, 1)
    equal((await secondFactors.find('d1'))?.tries, 1)
  },
  async 'takes the code of an interval once, and none of an earlier one'({ stores: { secondFactors } }) {
    await secondFactors.put(factor({ tries: 4, nextTryAt: 9 }))
    const take = (step: number, at = 7) => secondFactors.take('d1', { step, at, sealed: 'k2.abc' })
    equal([await take(2), await take(2), await take(1), await take(3, 8)], [true, false, false, true])
    const taken = { sealed: 'k2.abc', lastStep: 3, confirmedAt: 7 }
    equal(await secondFactors.find('d1'), factor(taken))
    equal(await secondFactors.take('d2', { step: 1, at: 1, sealed: '' }), false)
  },
}

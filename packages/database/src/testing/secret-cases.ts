import type { SealedSecrets } from '@covent/core'
import { equal } from './assert.ts'
import type { Cases } from './stores-suite.ts'

const sealed = (generation: number, text = `text ${generation}`): SealedSecrets => ({ generation, text })

const won = (outcomes: readonly boolean[]): number => outcomes.filter(Boolean).length

export const secretCases: Cases = {
  async 'keeps the last text only'({ stores: { secrets } }) {
    equal(await secrets.read(), undefined)
    for (const generation of [1, 2, 3]) equal(await secrets.replace(sealed(generation)), true)
    equal({ ...(await secrets.read()) }, sealed(3))
  },
  async 'lets the first of two writers through, and tells the other'({ stores: { secrets } }) {
    const first = await Promise.all([secrets.replace(sealed(1, 'a')), secrets.replace(sealed(1, 'b'))])
    equal(won(first), 1)
    const later = await Promise.all([secrets.replace(sealed(2, 'a')), secrets.replace(sealed(2, 'b'))])
    equal(won(later), 1)
    equal((await secrets.read())?.generation, 2)
  },
  async 'takes no generation but the next'({ stores: { secrets } }) {
    equal(await secrets.replace(sealed(2)), false)
    await secrets.replace(sealed(1))
    for (const generation of [1, 3]) equal(await secrets.replace(sealed(generation)), false)
    equal({ ...(await secrets.read()) }, sealed(1))
  },
}

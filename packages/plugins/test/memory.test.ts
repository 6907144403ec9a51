import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { memoryMemories, memoryMind } from './memory-mind.ts'
import { bundle, pluginSource, startHost } from './start-host.ts'

/** Both halves are on `ctx`, whatever the types say: the host has to refuse. */
const actions = {
  search: `return ctx.memory.search(input.query, { limit: input.limit })`,
  add: `return ctx.memory.add(input.text)`,
}
const plugin = (name: string, scope: string) =>
  bundle(
    name,
    pluginSource(`acme.${name}`, {
      more: `permissions: { required: { 'data:memory': { ${scope}, reason: 'Recall' } } },`,
      actions,
    }),
  )

const open = async () => {
  const memories = memoryMemories()
  const bundled = [
    plugin('both', `access: 'readwrite'`),
    plugin('all', `access: 'readwrite', conversations: 'all'`),
    plugin('reader', `access: 'read'`),
    plugin('writer', `access: 'write'`),
  ]
  const host = await startHost({ bundled, mind: memoryMind({ memories }) })
  const texts = async (name: string, who: object) => {
    const found = await host.call(`acme.${name}`, 'search', { query: 'code' }, who)
    return (found as readonly { readonly text: string }[]).map(({ text }) => text)
  }
  const add = (name: string, text: string, who: object) =>
    host.call(`acme.${name}`, 'add', { text }, who) as Promise<{ readonly id: string }>
  return { ...host, memories, texts, add }
}

const ann = { principalId: 'ann', conversationId: 'home' }
const annAtWork = { principalId: 'ann', conversationId: 'work' }
const bob = { principalId: 'bob', conversationId: 'home' }

describeWith('bubblewrap', 'ctx.memory', () => {
  it('reaches the person of the call alone, and the conversation, unless all were granted', async () => {
    const { texts, add } = await open()
    await add('both', 'code of the door', ann)
    await add('both', 'code of the safe', annAtWork)
    await add('both', 'code of the bank', bob)
    expect(await texts('both', ann)).toEqual(['code of the door'])
    expect(await texts('both', bob)).toEqual(['code of the bank'])
    expect(await texts('all', ann)).toEqual(['code of the door', 'code of the safe'])
    expect(await texts('all', { principalId: 'ann' })).toHaveLength(2)
    expect(await texts('all', { principalId: 'eve' })).toEqual([])
  })

  it('reaches nobody’s memories in a call that is on nobody’s behalf, or in no conversation', async () => {
    const { refusal, memories } = await open()
    const code = (name: string, action: string, who: object) =>
      refusal(`acme.${name}`, action, { query: 'code', text: 'code' }, who)
    expect(await code('all', 'search', { principalId: '' })).toBe('plugin.input-invalid')
    expect(await code('all', 'add', { principalId: '', conversationId: 'home' })).toBe('plugin.input-invalid')
    expect(await code('both', 'search', { principalId: 'ann' })).toBe('plugin.input-invalid')
    expect(await code('both', 'add', { principalId: 'ann' })).toBe('plugin.input-invalid')
    expect(memories.all).toEqual([])
  })

  it('reads only with access to read, and writes only with access to write', async () => {
    const { texts, add, refusal, call, audited } = await open()
    await add('writer', 'code of the door', ann)
    expect(await texts('reader', ann)).toEqual(['code of the door'])
    await expect(call('acme.writer', 'search', { query: 'code' }, ann)).rejects.toMatchObject({
      code: 'plugin.permission-denied',
      message: expect.stringContaining(
        'may not use data:memory for ctx.memory.search; it takes "data:memory": { "access": "readwrite", "conversations": "current", "reason": "…" }',
      ) as string,
    })
    expect(await refusal('acme.reader', 'add', { text: 'code' }, ann)).toBe('plugin.permission-denied')
    expect(audited).toContainEqual(
      expect.objectContaining({ action: 'memory.add', target: 'ctx.memory.add', outcome: 'denied' }),
    )
  })

  it('keeps who wrote a memory, and that it is tainted, and shows neither its id nor who it is of', async () => {
    const { add, call, memories } = await open()
    const { id } = await add('both', 'code of the door', ann)
    expect(memories.all).toMatchObject([{ ...ann, origin: 'acme.both', isTainted: true }])
    const [found, elsewhere] = await Promise.all(
      ['both', 'reader'].map((name) => call(`acme.${name}`, 'search', { query: 'code' }, ann)),
    )
    expect(found).toEqual([{ id, text: 'code of the door', score: 1 }])
    expect(elsewhere).not.toEqual(found)
    expect(JSON.stringify([found, elsewhere])).not.toMatch(/mem_|ann|home/)
  })

  it('writes no text of a memory and no query into the audit', async () => {
    const { add, texts, audited, refusal } = await open()
    await add('both', 'code of the door', ann)
    await texts('both', ann)
    await refusal('acme.both', 'add', { text: 'x'.repeat(2_001) }, ann)
    const lines = audited.filter(({ action }) => action.startsWith('memory.'))
    expect(lines.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual(
      expect.arrayContaining(['memory.add allowed', 'memory.search allowed', 'memory.add failed']),
    )
    expect(JSON.stringify(lines)).not.toMatch(/door|xxx|"code of/)
  })

  it('is refused without the grant', async () => {
    const source = pluginSource('acme.stranger', {
      more: `permissions: { required: { 'data:memory': { access: 'readwrite', conversations: 'all', reason: 'Recall' } } },`,
      actions,
    })
    const memories = memoryMemories()
    const { refusal } = await startHost({
      installed: { stranger: source },
      plugins: { allowUnsigned: true },
      mind: memoryMind({ memories }),
    })
    expect(await refusal('acme.stranger', 'add', { text: 'x' }, ann)).toBe('plugin.permission-denied')
    expect(await refusal('acme.stranger', 'search', { query: 'x' }, ann)).toBe('plugin.permission-denied')
    expect(memories.all).toEqual([])
  })
})

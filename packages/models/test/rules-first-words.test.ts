import { describe, expect, it } from 'vitest'
import { addNote, searchNotes, tools } from './support/tools.ts'
import { ask } from './support/conversation.ts'

describe('the rules model writes down', () => {
  it.each([
    ['note: call mom at 5', 'call mom at 5'],
    ['Note: the meeting with Ann is at 9 in room 2', 'the meeting with Ann is at 9 in room 2'],
    ['add a note that the door code is 1234', 'the door code is 1234'],
    ['Make a note: that was good', 'that was good'],
  ])('%s', async (text, note) => {
    expect((await ask([text], tools)).calls).toMatchObject([{ name: addNote, input: { text: note } }])
  })

  it.each(['do I have a note about eggs?', 'is there a note with the door code?', 'note this at 5'])(
    'no piece of a sentence that is none: %s',
    async (text) => {
      expect((await ask([text], tools)).calls).toEqual([])
    },
  )
})

describe('the rules model takes a short text from a sentence', () => {
  it('also where its schema sets no limit', async () => {
    const [docs] = tools
    const properties = { query: { type: 'string', description: 'Words to look for' } }
    const input = { type: 'object', properties, required: ['query'] }
    const tool = { ...docs!, name: searchNotes, aliases: ['search the manual'], examples: [], input }
    expect((await ask(['Could you search the manual for fuses?'], [tool])).calls).toMatchObject([
      { input: { query: 'fuses' } },
    ])
  })
})

describe('the rules model keeps', () => {
  it('a long name', async () => {
    const answer = (await ask(["I'm called José María de la Cruz", 'What is my name?'])).text
    expect(answer).toBe('Your name is José María de la Cruz.')
  })

  it('what it is told not to forget to do', async () => {
    expect((await ask(['Remember to buy my eggs.'])).text).toBe(
      'I will remember that you want to buy your eggs.',
    )
    const all = await ask(["Don't forget to call Ann", 'What do you remember?'])
    expect(all.text).toBe('You want to call Ann.')
  })
})

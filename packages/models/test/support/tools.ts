import type { ModelTool } from '@covent/core'

export const currentTime = 'get_current_time'
export const addNote = 'add_note'
export const listNotes = 'list_notes'
export const searchNotes = 'search_notes'
export const convert = 'convert_length'

const text = (maxLength: number, description = '') => ({
  type: 'string',
  minLength: 1,
  maxLength,
  description,
})

/** Tools like those of the plugins that come with Covent, and one with a number and a choice. */
export const tools: readonly ModelTool[] = [
  {
    name: currentTime,
    description: 'The current time and date, in a time zone or city when one is named, else in UTC',
    aliases: ['current time', 'what time is it', 'what date is it', 'time in'],
    examples: [
      { user: 'What time is it?', input: {} },
      { user: 'What time is it in Tokyo?', input: { timeZone: 'Tokyo' } },
      { user: 'What is the time in New York?', input: { timeZone: 'New York' } },
      { user: 'Tell me the current time in Europe/Berlin', input: { timeZone: 'Europe/Berlin' } },
    ],
    input: { type: 'object', properties: { timeZone: text(100, 'An IANA time zone or a city') } },
  },
  {
    name: addNote,
    description: 'Writes down a note for this person',
    aliases: ['make a note', 'take a note', 'note that', 'new note', 'write a note'],
    examples: [
      { user: 'Note that the milk is empty', input: { text: 'the milk is empty' } },
      { user: 'Add a note: water the plants', input: { text: 'water the plants' } },
    ],
    input: { type: 'object', properties: { text: text(4000, 'What to note') }, required: ['text'] },
  },
  {
    name: listNotes,
    description: 'All notes of this person, oldest first',
    aliases: ['my notes', 'show notes', 'show my notes'],
    examples: [
      { user: 'List my notes', input: {} },
      { user: 'What are my notes?', input: {} },
    ],
    input: { type: 'object', properties: {} },
  },
  {
    name: searchNotes,
    description: 'Notes of this person that hold every word of the query',
    aliases: ['find notes', 'search my notes'],
    examples: [
      { user: 'Search my notes for milk', input: { query: 'milk' } },
      { user: 'Which of my notes mention bread?', input: { query: 'bread' } },
    ],
    input: { type: 'object', properties: { query: text(200, 'Words to look for') }, required: ['query'] },
  },
  {
    name: convert,
    description: 'Converts a length',
    aliases: ['convert miles', 'convert length'],
    examples: [],
    input: {
      type: 'object',
      properties: {
        amount: { type: 'number', description: 'How much' },
        unit: { type: 'string', enum: ['m', 'km'], description: 'Into which unit' },
      },
      required: ['amount', 'unit'],
    },
  },
]

/** Tools whose examples have several inputs. */
export const games: readonly ModelTool[] = [
  {
    name: 'translate',
    description: 'Translates a text',
    aliases: [],
    examples: [
      { user: 'Translate “good morning” into Dutch', input: { text: 'good morning', language: 'Dutch' } },
    ],
    input: {
      type: 'object',
      properties: { text: text(4000), language: text(50) },
      required: ['text', 'language'],
    },
  },
  {
    name: 'roll_dice',
    description: 'Rolls dice',
    aliases: [],
    examples: [{ user: 'Roll 2 dice with 6 sides', input: { count: 2, sides: 6 } }],
    input: {
      type: 'object',
      properties: {
        count: { type: 'integer', minimum: 1, maximum: 100 },
        sides: { type: 'integer', minimum: 2 },
        loud: { type: 'boolean' },
      },
      required: ['count', 'sides'],
    },
  },
]

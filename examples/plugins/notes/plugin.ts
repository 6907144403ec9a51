import { definePlugin, z } from '@covent/plugin-sdk'

const noteSchema = z.object({ text: z.string(), createdAt: z.string() })
const notesOutput = z.object({ text: z.string(), notes: z.array(noteSchema) })

type Note = z.output<typeof noteSchema>

const prefix = 'note:'

/** Keys sort by time, so that notes list in the order in which they were made. */
const keyFor = (now: Date, turnId: string): string =>
  `${prefix}${String(now.getTime()).padStart(15, '0')}:${turnId}`

const plural = (count: number): string => `${count} ${count === 1 ? 'note' : 'notes'}`

const asList = (title: string, notes: readonly Note[]) => ({
  text: [title, ...notes.map((note, n) => `${n + 1}. ${note.text}`)].join('\n'),
  notes: [...notes],
})

const words = (text: string): readonly string[] => text.toLowerCase().split(/\s+/).filter(Boolean)

const matches = (note: Note, query: string): boolean =>
  words(query).every((word) => note.text.toLowerCase().includes(word))

export default definePlugin({
  id: 'covent.notes',
  version: '1.0.0',
  type: 'extension',
  title: 'Notes',
  description: 'Keeps notes for each person, and finds them again.',
  permissions: { required: { 'data:database': { reason: 'Keep your notes' } } },
  limits: { storageMb: 16 },
  actions: {
    add_note: {
      title: 'Add a note',
      description: 'Writes down a note for this person',
      aliases: ['make a note', 'take a note', 'note that', 'new note', 'write a note'],
      examples: [
        { user: 'Note that the milk is empty', input: { text: 'the milk is empty' } },
        { user: 'Make a note: call the dentist', input: { text: 'call the dentist' } },
        { user: 'Add a note buy bread', input: { text: 'buy bread' } },
        { user: 'Add a note: water the plants', input: { text: 'water the plants' } },
        { user: 'Take a note that the rent is due on Friday', input: { text: 'the rent is due on Friday' } },
      ],
      effect: 'write',
      input: z.object({ text: z.string().trim().min(1).max(4_000).describe('What to note') }),
      output: z.object({ text: z.string(), note: noteSchema }),
      async run({ text }, ctx) {
        const now = new Date()
        const note = { text, createdAt: now.toISOString() }
        await ctx.kv.set(keyFor(now, ctx.call.turnId), note)
        return { text: `Noted: ${text}`, note }
      },
    },
    list_notes: {
      title: 'List notes',
      description: 'All notes of this person, oldest first',
      aliases: ['my notes', 'show notes', 'show my notes'],
      examples: [
        { user: 'List my notes', input: {} },
        { user: 'What are my notes?', input: {} },
        { user: 'Show me my notes', input: {} },
      ],
      effect: 'read',
      input: z.object({}),
      output: notesOutput,
      async run(_input, ctx) {
        const notes = (await ctx.kv.list(prefix, { schema: noteSchema })).map(({ value }) => value)
        return asList(notes.length === 0 ? 'You have no notes.' : `You have ${plural(notes.length)}:`, notes)
      },
    },
    search_notes: {
      title: 'Search notes',
      description: 'Notes of this person that hold every word of the query',
      aliases: ['find notes', 'find a note', 'search my notes'],
      examples: [
        { user: 'Search my notes for milk', input: { query: 'milk' } },
        { user: 'Find notes about the dentist', input: { query: 'dentist' } },
        { user: 'Which of my notes mention bread?', input: { query: 'bread' } },
      ],
      effect: 'read',
      input: z.object({ query: z.string().trim().min(1).max(200).describe('Words to look for') }),
      output: notesOutput,
      async run({ query }, ctx) {
        const entries = await ctx.kv.list(prefix, { schema: noteSchema })
        const found = entries.map(({ value }) => value).filter((note) => matches(note, query))
        const title =
          found.length === 0 ? `No note mentions ${query}.` : `${plural(found.length)} for ${query}:`
        return asList(title, found)
      },
    },
  },
})

import type { ModelTool } from '@covent/core'
import { plain } from './sentences.ts'

const greetingWords = 'hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)'
const greeting = new RegExp(
  `^(${greetingWords})(?:,? (?:there|again|covent|agent|assistant|you|everyone|all|friend))?(?:[,!\\s]{1,9}(?=\\S)|$)`,
  'i',
)

/** A greeting at the beginning of a clause, and what follows it. */
export const greetingIn = (
  text: string,
): { readonly greeting: string; readonly rest: string } | undefined => {
  const match = greeting.exec(text)
  if (match === null) return undefined
  return { greeting: match[1]!.toLowerCase(), rest: text.slice(match[0].length).trim() }
}

export const greet = (said: string, name: string | undefined): string => {
  const words = said.startsWith('good ') ? `${said.charAt(0).toUpperCase()}${said.slice(1)}` : 'Hello'
  return name === undefined ? `${words}!` : `${words}, ${name}!`
}

export const selfDescription =
  "I am Covent's built-in rules model: I work offline, without a language model behind me. I greet, remember what you tell me, and use the actions that are installed. For real conversation, add a model to models.providers in covent.json."

const replies: readonly (readonly [RegExp, string])[] = [
  [/^(?:thanks|thank you|thx|cheers)\b.{0,60}$/i, 'You are welcome.'],
  [/^(?:bye|goodbye|see you|good night)\b.{0,40}$/i, 'Goodbye!'],
  [/^how are you\b.{0,40}$/i, 'I am running well, thank you.'],
  [
    /^(?:who|what) are you\b.{0,40}$|^what is your name$|^are you (?:a|an) (?:ai|bot|robot|human|model|machine)$/i,
    selfDescription,
  ],
  [/^(?:which|what) (?:model|llm|ai) (?:are you|is this|do you use)$/i, selfDescription],
]

export const smallTalk = (text: string): string | undefined => {
  const asked = plain(text)
  return replies.find(([form]) => form.test(asked))?.[1]
}

export const asksForHelp = (text: string): boolean =>
  /^(?:help(?: me)?|what can you do(?: for me)?|what (?:are|do) you (?:able|know how) to do|what (?:actions|tools|commands) (?:do you have|are there|can you use)|how do i use you)$/i.test(
    plain(text),
  )

const maxListed = 40

const line = ({ name, description, examples }: ModelTool): string => {
  const example = examples[0] === undefined ? '' : ` For example: “${examples[0].user.slice(0, 100)}”`
  return `- ${name.replaceAll('_', ' ')}: ${description.slice(0, 200).replace(/\.$/, '')}.${example}`
}

export const help = (tools: readonly ModelTool[]): string => {
  const memory = 'Tell me facts (“My name is …”, “Remember that …”) and ask for them later.'
  if (tools.length === 0) return `${selfDescription} No actions are installed. ${memory}`
  return `I can do this:\n${tools.slice(0, maxListed).map(line).join('\n')}\n${memory}`
}

/** What is said where nothing fits. */
export const cannotHelp = (tools: readonly ModelTool[]): string =>
  `I cannot answer that. ${selfDescription}${tools.length > 0 ? ' Ask “What can you do?” for what I can do now.' : ''}`

import { createServer } from 'node:http'
import { once } from 'node:events'
import { adminSocketPath, apiClient } from '@covent/api/client'
import { describeWith } from '@covent/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { command, covent, json } from './support/command.ts'
import { startServer } from './support/server.ts'

interface Answer {
  readonly conversation: string
  readonly message: { readonly text: string }
  readonly reply: { readonly text: string }
}

describe('chat', () => {
  it('prints the reply once, and goes on with a conversation', async () => {
    const { home } = await startServer()
    expect(await covent(home, ['chat', '--once', 'Hello'])).toMatchObject({
      code: 0,
      stdout: /hello|hi\b/i,
      stderr: '',
    })
    const { conversation } = json<Answer>(await covent(home, ['chat', '--once', 'My name is Ada.', '--json']))
    const words = ['chat', '--once', 'What is my name?', '--conversation', conversation]
    expect(json<Answer>(await covent(home, [...words, '--json'])).reply.text).toContain('Ada')
    expect((await covent(home, words)).stdout).toContain('Ada')
  })

  it('brings the text to the server byte for byte', async () => {
    const { home } = await startServer()
    const text = ' --json "it\'s" $HOME `x` \\n \t é\u0301 \u{1f44b}\u200d \ufeff\u2028\r\n '
    const { conversation, message } = json<Answer>(await covent(home, ['chat', '--once', text, '--json']))
    expect(message.text).toBe(text)
    const client = apiClient({ socketPath: adminSocketPath(home) })
    expect((await client.conversations.messages(conversation)).items[0]?.text).toBe(text)
  })

  it('takes each line of a pipe for a message, and the last one without its newline', async () => {
    const { home } = await startServer()
    const lines = 'My name is Grace.\r\n\nWhat is my name?'
    const { code, stdout } = await covent(home, ['chat', '--json'], lines)
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Answer)
    expect([code, answers.map(({ message }) => message.text)]).toEqual([
      0,
      ['My name is Grace.', 'What is my name?'],
    ])
    expect(answers[1]!.reply.text).toContain('Grace')
  })

  it('fails for a conversation that is not there', async () => {
    const { home } = await startServer()
    const result = await covent(home, ['chat', '--once', 'Hello', '--conversation', 'conv_x'])
    expect(result).toMatchObject({ code: 1, stdout: '', stderr: /^covent: [^\n]+\n$/ })
  })

  it('talks at a terminal until Ctrl-D', async () => {
    const { home } = await startServer()
    const talk = command(home, ['chat'], true)
    await talk.shows('› ')
    talk.stdin.write('My name is Ada.\r')
    await talk.shows('Ada.')
    talk.stdin.write('What is my name?\r')
    await talk.shows('Your name')
    talk.stdin.write('\u0004')
    expect(await talk.ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('ends at Ctrl-C when it waits for a message', async () => {
    const { home } = await startServer()
    const talk = command(home, ['chat'], true)
    await talk.shows('› ')
    talk.stdin.write('\u0003')
    expect((await talk.ended).code).toBe(0)
  })
})

/** A model provider that never answers. */
const hanging = async (): Promise<Record<string, string>> => {
  const upstream = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  onTestFinished(() => {
    upstream.closeAllConnections()
    upstream.close()
  })
  const { port } = upstream.address() as { port: number }
  return {
    COVENT_MODELS__DEFAULT: 'hanging/x',
    COVENT_MODELS__PROVIDERS__HANGING__KIND: 'openai-compatible',
    COVENT_MODELS__PROVIDERS__HANGING__BASE_URL: `http://127.0.0.1:${port}/v1`,
    COVENT_HTTP__SHUTDOWN_GRACE_MS: '300',
  }
}

describe('an answer that does not come', () => {
  it('is left by Ctrl-C, and the talk goes on', async () => {
    const { home } = await startServer(await hanging())
    const talk = command(home, ['chat'], true)
    await talk.shows('› ')
    talk.stdin.write('Hello\r')
    await talk.shows('Hello')
    await new Promise((resolve) => setTimeout(resolve, 200))
    talk.stdin.write('\u0003')
    await talk.shows('the answer goes on in the server')
    talk.stdin.write('\u0003')
    expect((await talk.ended).code).toBe(0)
  })

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'is said to come later when the server gets %s',
    async (signal) => {
      const { home, server } = await startServer(await hanging())
      const client = apiClient({ socketPath: adminSocketPath(home) })
      const { id } = await client.conversations.create()
      const asked = covent(home, ['chat', '--once', 'Hello', '--conversation', id])
      while ((await client.conversations.messages(id)).items.length === 0)
        await new Promise((r) => setTimeout(r, 10))
      server.signal(signal)
      expect(await asked).toMatchObject({
        code: 1,
        stderr: /^covent: the server .*answered after its next start\n$/,
      })
    },
  )
})

describeWith('bubblewrap', 'chat with actions', () => {
  it('shows an action as one line beside the reply', async () => {
    const { home } = await startServer()
    const { code, stdout, stderr } = await covent(home, ['chat', '--once', 'What time is it in Tokyo?'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/\d\d:\d\d/)
    expect(stderr).toMatch(/^· get_current_time \{.*Tokyo.*\} → \{.*\}\n$/)
  })
})

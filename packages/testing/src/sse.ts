export interface SseEvent {
  readonly id?: string
  readonly event: string
  readonly data: string
}

/** The events of a server-sent event stream, as they come. */
export async function* sseEvents(response: Response): AsyncGenerator<SseEvent> {
  let rest = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split('\n\n')
    rest = blocks.pop() as string
    yield* blocks.map(parse).filter((event) => event !== undefined)
  }
}

const parse = (block: string): SseEvent | undefined => {
  const fields = block.split('\n').filter((line) => line !== '' && !line.startsWith(':'))
  if (fields.length === 0) return undefined
  const all = (name: string): string[] =>
    fields
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).replace(/^ /, ''))
  const id = all('id')[0]
  return {
    event: all('event')[0] ?? 'message',
    data: all('data').join('\n'),
    ...(id === undefined ? {} : { id }),
  }
}

/** One event of a stream, as `text/event-stream` frames it. */
export interface ServerEvent {
  readonly id?: string
  readonly event: string
  readonly data: string
}

const parsed = (frame: string): ServerEvent | undefined => {
  let id: string | undefined
  let event = 'message'
  const data: string[] = []
  for (const line of frame.split('\n')) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const value = line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    const field = line.slice(0, colon)
    if (field === 'id') id = value
    else if (field === 'event') event = value
    else if (field === 'data') data.push(value)
  }
  if (data.length === 0) return undefined
  return { ...(id !== undefined && { id }), event, data: data.join('\n') }
}

/** The events of a response, as they come; ends with it. Comments are left out. */
export async function* readEvents(response: Response): AsyncGenerator<ServerEvent> {
  if (response.body === null) return
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of response.body) {
    rest += decoder.decode(bytes, { stream: true })
    const frames = rest.split('\n\n')
    rest = frames.pop() ?? ''
    for (const event of frames.map(parsed)) if (event !== undefined) yield event
  }
}

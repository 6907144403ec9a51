// A model that answers at once: what remains of a turn is the server's own.
import { createServer } from 'node:http'

const body = JSON.stringify({
  id: 'x',
  object: 'chat.completion',
  created: 0,
  model: 'fake',
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      message: { role: 'assistant', content: 'It is a fine day, and all is well.' },
    },
  ],
  usage: { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 },
})
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, headers).end(body))
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log(server.address().port))

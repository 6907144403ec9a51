// The rival of the HTTP chain: Express 5 and nothing else.
import { createRequire } from 'node:module'

const express = createRequire(new URL('../../packages/api/package.json', import.meta.url))('express')
const app = express()
app.get('/hello', (_request, response) => response.json({ hello: 'world' }))
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port))

import { createHash } from 'node:crypto'
import { type Route, route, routeName } from '../../http/route.ts'

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .35rem 1rem .35rem 0; border-bottom: 1px solid #8884; vertical-align: top }
code { white-space: nowrap }
`

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => escapes[sign]!)

const row = (route: Route): string =>
  `<tr><td><code>${escaped(routeName(route))}</code><td>${escaped(route.summary)}<td><code>${route.scope}</code>`

const page = (routes: readonly Route[]): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Covent: the API</title><style>${style}</style>
<h1>The API of this server</h1>
<p>Send a key as <code>Authorization: Bearer …</code>; make one with <code>covent keys create</code>.
Schemas are in <a href="/openapi.json">openapi.json</a>.</p>
<table><thead><tr><th>Operation<th>What it does<th>Scope</thead><tbody>
${routes.map(row).join('\n')}
</tbody></table></html>
`

const hash = createHash('sha256').update(style).digest('base64')
const policy = `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'; base-uri 'none'`

/** A page that needs nothing from elsewhere. */
export const docsRoutes = (routes: readonly Route[]) => [
  route({
    method: 'GET',
    path: '/docs',
    operationId: 'getDocs',
    summary: 'The operations as a page',
    scope: 'public',
    responses: { 200: { description: 'HTML', also: { 'text/html': 'A page' } } },
    handle: () => ({
      status: 200,
      body: page(routes),
      headers: ['Content-Type', 'text/html; charset=utf-8', 'Content-Security-Policy', policy],
    }),
  }),
]

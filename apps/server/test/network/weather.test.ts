import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { describeWith } from '@covent/testing'
import { expect, it } from 'vitest'
import { elsewhere, networked } from './support.ts'

const path = new URL('../../../../examples/plugins/weather/plugin.ts', import.meta.url)

/** The example as it stands, but for its provider, which is on loopback here. */
const weatherAt = (port: number): string =>
  stripTypeScriptTypes(readFileSync(path, 'utf8'))
    .replaceAll('open-meteo.com', `open-meteo.com:${port}`)
    .replaceAll('https://', 'http://')
    .replace('net:outbound:https', 'net:outbound:http')

const provider = () =>
  elsewhere((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://there')
    const place = { name: 'Lisbon', country: 'Portugal', latitude: 38.7, longitude: -9.1 }
    const answers: Readonly<Record<string, object>> = {
      '/v1/search': searchParams.get('name') === 'Lisbon' ? { results: [place] } : { generationtime_ms: 1 },
      '/v1/forecast': { current: { temperature_2m: 21.5, wind_speed_10m: 9 } },
    }
    response.end(JSON.stringify(answers[pathname]))
  })

describeWith('bubblewrap', 'the weather example', () => {
  it('finds the place and tells its weather', async () => {
    const { port, requests } = await provider()
    const plugins = { network: { allowPrivate: ['acme.weather'] } }
    const { call, refusal, denials } = await networked({ bundled: weatherAt(port), plugins })
    expect(await call('acme.weather', 'current_weather', { place: 'Lisbon' })).toEqual({
      place: 'Lisbon, Portugal',
      temperature: 21.5,
      unit: 'celsius',
      windKmh: 9,
      text: 'Lisbon, Portugal: 21.5 °C, wind 9 km/h',
    })
    expect(requests.map(({ headers }) => headers.host)).toEqual([
      `geocoding-api.open-meteo.com:${port}`,
      `api.open-meteo.com:${port}`,
    ])
    expect(requests[1]!.url).toContain('latitude=38.7&longitude=-9.1')
    const unknown = await refusal('acme.weather', 'current_weather', { place: 'Atlantis' })
    expect(unknown!.message).toContain('there is no place called “Atlantis”')
    expect(denials).toEqual([])
  })
})

import { definePlugin, z } from '@covent/plugin-sdk'

const Places = z.object({
  results: z
    .array(
      z.object({
        name: z.string(),
        country: z.string().optional(),
        latitude: z.number(),
        longitude: z.number(),
      }),
    )
    .default([]),
})
const Forecast = z.object({ current: z.object({ temperature_2m: z.number(), wind_speed_10m: z.number() }) })

export default definePlugin({
  id: 'acme.weather',
  version: '1.0.0',
  type: 'extension',
  title: 'Weather',
  description: 'Tells the agent the current weather anywhere, from Open-Meteo.',
  permissions: {
    required: {
      'net:outbound:https': {
        hosts: ['geocoding-api.open-meteo.com', 'api.open-meteo.com'],
        methods: ['GET'],
        reason: 'Find the place and fetch its weather',
      },
    },
  },
  actions: {
    current_weather: {
      title: 'Current weather',
      description: 'The current temperature and wind at a place.',
      aliases: ['weather', 'temperature', 'forecast'],
      examples: [
        { user: 'What is the weather in Lisbon?', input: { place: 'Lisbon' } },
        { user: 'How warm is it in Oslo?', input: { place: 'Oslo' } },
      ],
      effect: 'read',
      input: z.object({
        place: z.string().min(1).max(100).describe('A city or town'),
        unit: z.enum(['celsius', 'fahrenheit']).default('celsius'),
      }),
      output: z.object({
        place: z.string(),
        temperature: z.number(),
        unit: z.string(),
        windKmh: z.number(),
        text: z.string(),
      }),
      async run({ place, unit }, ctx) {
        const name = encodeURIComponent(place)
        const found = await ctx.http.get(
          `https://geocoding-api.open-meteo.com/v1/search?count=1&name=${name}`,
          { signal: ctx.signal },
        )
        const [spot] = (await found.json(Places)).results
        if (spot === undefined) throw new Error(`there is no place called “${place}”`)
        const where = `latitude=${spot.latitude}&longitude=${spot.longitude}`
        const answer = await ctx.http.get(
          `https://api.open-meteo.com/v1/forecast?${where}&current=temperature_2m,wind_speed_10m&temperature_unit=${unit}`,
          { signal: ctx.signal },
        )
        const { temperature_2m: temperature, wind_speed_10m: windKmh } = (await answer.json(Forecast)).current
        const title = [spot.name, spot.country].filter(Boolean).join(', ')
        const sign = unit === 'celsius' ? '°C' : '°F'
        const text = `${title}: ${temperature} ${sign}, wind ${windKmh} km/h`
        return { place: title, temperature, unit, windKmh, text }
      },
    },
  },
})

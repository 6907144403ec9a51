import { definePlugin, z } from '@covent/plugin-sdk'

const regions = [
  'Africa',
  'America',
  'Antarctica',
  'Asia',
  'Atlantic',
  'Australia',
  'Europe',
  'Indian',
  'Pacific',
]

const isZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== ''
  } catch {
    return false
  }
}

const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim()

const cityOf = (zone: string): string => zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ')

/** The zone that has this name, or whose city has it. */
const findZone = (place: string): string | undefined => {
  const wanted = plain(place.split(',')[0]!)
  const known = Intl.supportedValuesOf('timeZone')
  const listed = known.find((zone) => plain(zone) === wanted || plain(cityOf(zone)) === wanted)
  if (listed !== undefined) return listed
  const name = place.trim().replace(/\s+/g, '_')
  return [name, ...regions.map((region) => `${region}/${name}`)].find(isZone)
}

const partsOf = (now: Date, timeZone: string): Readonly<Record<string, string>> => {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
    hourCycle: 'h23',
  })
  return Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]))
}

const describeTime = (now: Date, timeZone: string) => {
  const { year, month, day, hour, minute, second, timeZoneName = 'GMT' } = partsOf(now, timeZone)
  const offset = timeZoneName.slice('GMT'.length) || '+00:00'
  const longDate = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'full' }).format(now)
  const where = timeZone.includes('/') ? `in ${cityOf(timeZone)} (${timeZone}, UTC${offset})` : timeZone
  return {
    text: `It is ${hour}:${minute} ${where} on ${longDate}.`,
    timeZone,
    iso: `${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`,
    time: `${hour}:${minute}`,
    date: `${year}-${month}-${day}`,
  }
}

export default definePlugin({
  id: 'covent.clock',
  version: '1.0.0',
  type: 'utility',
  title: 'Clock',
  description: 'Tells the agent the current time anywhere.',
  actions: {
    get_current_time: {
      title: 'Current time',
      description: 'The current time and date, in a time zone or city when one is named, else in UTC',
      aliases: ['current time', 'what time is it', 'what date is it', 'time in'],
      examples: [
        { user: 'What time is it?', input: {} },
        { user: 'What time is it in Tokyo?', input: { timeZone: 'Tokyo' } },
        { user: 'What is the time in New York?', input: { timeZone: 'New York' } },
        { user: 'Tell me the current time in Europe/Berlin', input: { timeZone: 'Europe/Berlin' } },
        { user: "What's the date today?", input: {} },
        { user: 'What is the date in Sydney?', input: { timeZone: 'Sydney' } },
      ],
      effect: 'read',
      input: z.object({
        timeZone: z
          .string()
          .min(1)
          .max(100)
          .optional()
          .describe('An IANA time zone or a city: Asia/Tokyo, Tokyo'),
      }),
      output: z.object({
        text: z.string(),
        timeZone: z.string(),
        iso: z.string(),
        time: z.string(),
        date: z.string(),
      }),
      async run({ timeZone = 'UTC' }) {
        const zone = findZone(timeZone)
        if (zone === undefined)
          throw new Error(
            `I know no time zone or city called “${timeZone}”; an IANA name such as Asia/Tokyo always works`,
          )
        return describeTime(new Date(), zone)
      },
    },
  },
})

import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiClient, PluginLogLineView, PluginStatsView } from '@covent/api/client'
import type { Command } from 'commander'
import { bold, dim, shown, type Terminal, writeJson, writeLine } from '../terminal.ts'

interface StatsWords {
  readonly json?: boolean
  readonly watch?: boolean
}
interface LogWords {
  readonly json?: boolean
  readonly follow?: boolean
}

type Plugins = ApiClient['plugins']

const watchMs = 2_000
const bytesPerMb = 1_048_576

const megabytes = (bytes: number): string => `${(bytes / bytesPerMb).toFixed(1)} MB`
const milliseconds = (ms: number): string => `${ms.toFixed(ms < 10 ? 1 : 0)} ms`

const callLine = (name: string, calls: PluginStatsView['total']): string => {
  const { p50Ms, p95Ms, p99Ms, errorsByCode } = calls
  const took = [p50Ms, p95Ms, p99Ms].map(milliseconds).join(' / ')
  const codes = Object.entries(errorsByCode).map(([code, times]) => `${code} ${times}`)
  const errors = [`${calls.errors} failed`, ...codes].join(', ')
  return `  ${name.padEnd(24)} ${calls.calls} calls, ${errors}; p50/p95/p99 ${took}`
}

const processLine = ({ usage, starts, crashes, uptimeMs, startMs }: PluginStatsView): string => {
  const uses = usage && `${megabytes(usage.rssBytes)}, ${usage.cpuPercent} % of a processor`
  const up = uptimeMs !== undefined && `up ${Math.round(uptimeMs / 1_000)} s`
  const took = startMs !== undefined && `ready in ${milliseconds(startMs)}`
  return `  ${[`${starts} starts, ${crashes} crashes`, took, up, uses].filter(Boolean).join('; ')}`
}

const statsLines = (stats: PluginStatsView, out: Terminal['stdout']): readonly string[] => {
  const { id, version, state, total, parts, denied, events, network, storageBytes } = stats
  const lost = events.lost === 0 ? '' : `, ${events.lost} events lost`
  const traffic = `${network.sentBytes} bytes sent, ${network.receivedBytes} received, ${storageBytes} stored`
  return [
    `${bold(id, out)} ${version}  ${dim(state, out)}`,
    processLine(stats),
    callLine('all calls', total),
    ...Object.entries(parts).map(([name, calls]) => callLine(name, calls)),
    `  ${denied} denied${lost}; ${traffic}`,
    ...stats.paused.map(({ part, reason, triesAt }) => `  ${part} is paused until ${triesAt}: ${reason}`),
    ...stats.alerts.map(({ alert, value, threshold }) => `  alert: ${alert} ${value} (from ${threshold} on)`),
    ...(stats.lastError ? [`  last error: ${stats.lastError.where}: ${stats.lastError.message}`] : []),
  ].map((line) => shown(line.replaceAll('\n', ' '), out))
}

const logLine = ({ at, level, message, fields }: PluginLogLineView, out: Terminal['stdout']): string => {
  const { plugin: _plugin, ...rest } = fields
  const words = Object.keys(rest).length === 0 ? message : `${message} ${JSON.stringify(rest)}`
  return `${dim(at, out)} ${level.padEnd(5)} ${shown(words.replaceAll('\n', ' '), out)}`
}

const looking = (plugins: Plugins, { stdout }: Terminal) => {
  const tellStats = async (id: string | undefined, json: boolean): Promise<void> => {
    const all = id === undefined ? await plugins.allStats() : [await plugins.stats(id)]
    if (json) return writeJson(stdout, id === undefined ? all : all[0])
    for (const stats of all) for (const line of statsLines(stats, stdout)) writeLine(stdout, line)
  }
  return {
    async stats(id: string | undefined, { json = false, watch = false }: StatsWords): Promise<void> {
      for (;;) {
        await tellStats(id, json)
        if (!watch) return
        await sleep(watchMs)
      }
    },
    async logs(id: string, { json = false, follow = false }: LogWords): Promise<void> {
      const write = (line: PluginLogLineView): void =>
        json ? writeJson(stdout, line) : writeLine(stdout, logLine(line, stdout))
      if (!follow) return (await plugins.logs(id)).forEach(write)
      for await (const line of plugins.follow(id)) write(line)
    },
  }
}

/** `plugins stats` and `plugins logs`. */
export const addMonitorCommands = (root: Command, plugins: Plugins, terminal: Terminal): void => {
  const look = looking(plugins, terminal)
  root
    .command('stats')
    .description('What plugins did and use: calls, errors, durations, memory')
    .argument('[id]', 'one plugin; all without it')
    .option('--watch', 'again every two seconds')
    .option('--json', 'write JSON')
    .action(look.stats)
  root
    .command('logs')
    .description('The last lines of a plugin, and of the host about it')
    .argument('<id>')
    .option('--follow', 'go on until you stop it')
    .option('--json', 'write JSON, one line each')
    .action(look.logs)
}

import { type HostileCase, way } from './hostile-case.ts'

const fields = { echoes: (answer: unknown): boolean => answer === 'alive' }

/** Lying to the host, and drowning it. */
export const channelCases: readonly HostileCase[] = [
  ...(
    [
      ['H32', 'sends __proto__ as a name', 'prototype', 'all objects of the host have it'],
      ['H33a', 'announces a frame of 4 GiB', 'hugeFrame', 'the host makes room for it'],
      ['H33b', 'announces an array of 2^31 values', 'hugeArray', 'the host makes room for it'],
      ['H33c', 'nests 60,000 arrays', 'deep', 'the host’s stack overflows'],
      ['X05', 'sends a type of its own', 'extension', 'the host runs a decoder for it'],
      ['X06', 'sends an unknown kind of message', 'unknownKind', 'the host acts on it'],
      ['X07', 'answers a call that nobody made', 'strangeReply', 'another caller gets it'],
      ['X08', 'asks on behalf of a call that nobody made', 'strangeRequest', 'the broker answers'],
      ['X09', 'answers a heartbeat that nobody sent', 'strangePong', 'it seems alive for ever'],
      ['X10', 'greets twice', 'greetAgain', 'it describes itself anew'],
      ['X11', 'closes its channel', 'closeChannel', 'its call waits for ever'],
      ['X12', 'exits with 0 in the middle of a call', 'exit', 'its call waits for ever'],
    ] as const
  ).map(([id, title, action, success]) => way({ id, title, action, success, timeoutMs: 1_000 })),
  way({
    id: 'H33d',
    title: 'leaves a frame unfinished',
    success: 'its call waits for ever',
    action: 'truncated',
    timeoutMs: 400,
  }),
  way({
    id: 'H34',
    title: 'sends messages without end',
    success: 'the host answers nobody else',
    action: 'logFlood',
    timeoutMs: 20_000,
  }),
  way({
    id: 'X13',
    title: 'prints without end',
    success: 'the host keeps it all',
    action: 'printFlood',
    timeoutMs: 500,
  }),
  way({
    id: 'X14',
    title: 'swallows its own errors',
    success: 'they reach the host',
    action: 'swallow',
    expected: 'held',
    holds: fields.echoes,
  }),
  way({ id: 'X15', title: 'throws in a timer', success: 'it reaches the host', action: 'timerThrow' }),
  way({
    id: 'X16',
    title: 'leaves a rejection unhandled',
    success: 'it reaches the host',
    action: 'unhandled',
  }),
]

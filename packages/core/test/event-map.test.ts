import { describe, expect, it } from 'vitest'
import { type EventMap, eventSchemas } from '../src/index.ts'

describe('the event map', () => {
  it('names events noun.verb', () => {
    for (const name of Object.keys(eventSchemas)) expect(name).toMatch(/^[a-z]+(\.[a-z-]+){1,2}$/)
  })

  it('holds what was promised', () => {
    expect(Object.keys(eventSchemas)).toEqual(
      expect.arrayContaining([
        'system.started',
        'system.stopping',
        'config.changed',
        'agent.message.received',
        'agent.message.sent',
        'agent.action.started',
        'agent.action.completed',
        'agent.action.failed',
        'agent.state.changed',
        'plugin.loaded',
        'plugin.unloaded',
        'plugin.failed',
        'plugin.permission-requested',
        'plugin.permission-denied',
        'conversation.started',
        'conversation.message',
        'conversation.ended',
        'security.auth.succeeded',
        'security.auth.failed',
        'security.limit.exceeded',
      ]),
    )
  })

  it('types the payloads by the schemas', () => {
    const started: EventMap['system.started'] = { pid: 1, startupMs: 2 }
    expect(eventSchemas['system.started'].parse(started)).toEqual(started)
    // @ts-expect-error a pid is a number
    const wrong: EventMap['system.started'] = { pid: '1', startupMs: 2 }
    expect(() => eventSchemas['system.started'].parse(wrong)).toThrow()
  })
})

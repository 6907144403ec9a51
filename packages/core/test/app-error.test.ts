import { describe, expect, it } from 'vitest'
import { AppError, AuthError, errorCodes, PluginError } from '../src/index.ts'

describe('AppError', () => {
  it('is recognised by a registered symbol and a code, so also when another copy of core made it', async () => {
    const path: string = '../src/errors/families.ts?copy'
    const copy = (await import(path)) as {
      PluginError: typeof PluginError
    }
    const foreign = new copy.PluginError('plugin.timeout', 'late')
    expect(foreign).not.toBeInstanceOf(PluginError)
    expect(AppError.is(foreign)).toBe(true)
    expect(AppError.is(foreign, 'plugin.timeout')).toBe(true)
    expect(AppError.is(foreign, 'plugin.crashed')).toBe(false)
  })

  it('is not taken for what only looks like one', () => {
    for (const value of [
      undefined,
      null,
      'plugin.timeout',
      new Error('plugin.timeout'),
      { code: 'plugin.timeout' },
    ]) {
      expect(AppError.is(value)).toBe(false)
    }
  })

  it('carries status, title, cause and data', () => {
    const cause = new Error('why')
    const error = new AuthError('auth.forbidden', 'no', { cause, data: { scope: 'keys:write' } })
    expect(error).toMatchObject({
      name: 'AuthError',
      status: 403,
      title: 'Not allowed',
      cause,
      data: { scope: 'keys:write' },
    })
  })

  it('takes a table of somebody else’s', () => {
    const table = { 'shop.closed': { status: 503, title: 'Closed', remedy: 'Come back tomorrow.' } }
    expect(new AppError({ table, code: 'shop.closed' }, 'closed until nine')).toMatchObject({
      code: 'shop.closed',
      status: 503,
    })
    // @ts-expect-error a code that the table does not have
    expect(() => new AppError({ table, code: 'shop.open' }, '')).toThrow(TypeError)
  })

  it('has for each code a status that HTTP knows, a title and a remedy, under a name of its family’s form', () => {
    for (const [code, { status, title, remedy }] of Object.values(errorCodes).flatMap((table) =>
      Object.entries(table),
    )) {
      expect(code).toMatch(/^[a-z]+\.[a-z]+(-[a-z0-9]+)*$/)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(600)
      expect(title && remedy).toMatch(/\.$/)
    }
  })
})

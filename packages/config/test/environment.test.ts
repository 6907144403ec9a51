import { type Environment, environmentSecrets, jsonSchemaOf, loadConfig } from '@covent/config'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { load, refusal } from './harness.ts'
import { schema } from './schema.ts'

describe('the environment', () => {
  it('overrides any setting, by the kind that the schema expects there', async () => {
    const config = await load('{ http: { port: 1, host: "a" } }', {
      COVENT_HTTP__PORT: '7421',
      COVENT_HTTP__HEADERS_TIMEOUT_MS: '2000',
      COVENT_HTTP__ALLOWED_HOSTS: '["a", "b"]',
      COVENT_ISOLATION__ALLOW_WEAK: 'true',
      COVENT_TELEMETRY__RATIO: '2.5e-1',
      COVENT_TELEMETRY__OTLP: '123',
      COVENT_MODELS__DEFAULT: '[not JSON',
      COVENT_RATE_LIMIT__ROUTES: '{"POST /v1/chat/completions": {"limit": 5}}',
    })
    expect(config).toMatchObject({
      http: { host: 'a', port: 7421, headersTimeoutMs: 2000, allowedHosts: ['a', 'b'] },
      isolation: { allowWeak: true },
      telemetry: { ratio: 0.25, otlp: '123' },
      models: { default: '[not JSON' },
      rateLimit: { routes: { 'POST /v1/chat/completions': { limit: 5 } } },
    })
  })

  it('makes an entry of a record in lower camel case, or changes the one that the file has', async () => {
    const env = {
      COVENT_MODELS__PROVIDERS__FAKE__KIND: 'openai-compatible',
      COVENT_MODELS__PROVIDERS__FAKE__BASE_URL: 'http://127.0.0.1:1',
      COVENT_MODELS__PROVIDERS__MY_OWN__KIND: 'rules',
      COVENT_MODELS__PROVIDERS__OPEN_ROUTER__BASE_URL: 'http://127.0.0.1:2',
    }
    const text = `{ models: { providers: { 'open-router': { kind: 'openai-compatible', baseUrl: 'http://x' } } } }`
    expect((await load(text, env)).models.providers).toEqual({
      'open-router': { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:2' },
      fake: { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1' },
      myOwn: { kind: 'rules' },
    })
  })

  it('may hold what is no setting: other prefixes, empty and reserved variables', async () => {
    const config = await load('', {
      PATH: '/bin',
      COVENT: 'x',
      COVENT_HTTP__PORT: '',
      COVENT_NOTHING: undefined,
      COVENT_HOME: '/tmp',
      COVENT_MASTER_KEY: 'k',
      COVENT_SECRET_OPENAI_KEY: 'k',
      COVENT_TEST_REQUIRE: 'all',
      COVENT_LAUNCH_AT: '1',
    })
    expect(config.http.port).toBe(7420)
  })

  it('mends a file whose value is wrong', async () => {
    expect((await load('{ http: { port: "x" } }', { COVENT_HTTP__PORT: '1' })).http.port).toBe(1)
  })

  it('is refused with the name of each bad variable, the nearest known one, and no value', async () => {
    const { message } = await refusal('{ log: { level: 7 } }', {
      COVENT_HTTP__PROT: 'hunter2',
      COVENT_HTPP__PORT: 'hunter2',
      COVENT_HTTP__PORT: 'hunter2',
      COVENT_HTTP__HEADERS_TIMEOUT_MS: '',
      COVENT_ISOLATION__ALLOW_WEAK: 'hunter2',
      COVENT_HTTP__ALLOWED_HOSTS: 'hunter2',
      COVENT_RATE_LIMIT__ROUTES: '{"__proto__": {"limit": 1}}',
      COVENT_MODELS__PROVIDERS__FAKE__KIND: 'hunter2',
      COVENT_XYZZY: 'hunter2',
      COVENT_HTTP__PORT__DEEPER: '1',
    })
    expect(message.split('\n  ').slice(1)).toEqual([
      'log.level (line 1:10): expected one of "debug", "info", "silent", found a number',
      'http.port (COVENT_HTTP__PORT): expected a number, found a string',
      'models.providers.fake.kind (COVENT_MODELS__PROVIDERS__FAKE__KIND): expected one of "rules", "openai-compatible", found a string',
      'isolation.allowWeak (COVENT_ISOLATION__ALLOW_WEAK): expected true or false, found a string',
      'COVENT_HTPP__PORT: unknown setting; did you mean COVENT_HTTP__PORT?',
      'http.allowedHosts (COVENT_HTTP__ALLOWED_HOSTS): expected an array as JSON, found text that is no JSON',
      'COVENT_HTTP__PORT__DEEPER: unknown setting; did you mean COVENT_HTTP__PORT?',
      'COVENT_HTTP__PROT: unknown setting; did you mean COVENT_HTTP__PORT?',
      'rateLimit.routes (COVENT_RATE_LIMIT__ROUTES): the JSON has a name that is not allowed',
      'COVENT_XYZZY: unknown setting; unset it',
    ])
    expect(message).not.toContain('hunter2')
  })
})

describe('a setting of several kinds', () => {
  const schema = z.strictObject({ cors: z.union([z.boolean(), z.array(z.string())]).default(false) })
  const loadCors = async (env: Environment) => (await loadConfig({ schema, env })).cors

  it('takes each kind from the environment, and says all of them when none fits', async () => {
    expect(await loadCors({ COVENT_CORS: 'true' })).toBe(true)
    expect(await loadCors({ COVENT_CORS: '["a"]' })).toEqual(['a'])
    await expect(loadCors({ COVENT_CORS: '{}' })).rejects.toThrow(
      'cors (COVENT_CORS): expected true or false or an array, found an object',
    )
  })
})

describe('secrets of the environment', () => {
  it('are found by name, as it is or in capitals, and empty ones are missing', async () => {
    const secrets = environmentSecrets({
      COVENT_SECRET_OPENAI_KEY: 'k',
      COVENT_SECRET_EMPTY: '',
      COVENT_HOME: '/',
    })
    expect(
      await Promise.all(['OPENAI_KEY', 'openai-key', 'EMPTY', 'HOME', '__proto__'].map(secrets.get)),
    ).toEqual(['k', 'k', undefined, undefined, undefined])
  })
})

describe('the JSON Schema of the settings', () => {
  it('allows what may be written: every setting optional, no unknown one, and $schema', () => {
    const made = jsonSchemaOf(schema)
    expect(made).toMatchObject({
      additionalProperties: false,
      properties: {
        $schema: { type: 'string' },
        http: { properties: { port: { type: 'integer', default: 7420 } } },
      },
    })
    expect(made['required']).toBeUndefined()
  })
})

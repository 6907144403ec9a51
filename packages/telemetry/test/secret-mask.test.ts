import { secretMask } from '@covent/telemetry'
import { pinoLogger, requestContext } from '@covent/telemetry'
import { expect, it } from 'vitest'

const secret = 'correct horse "battery"'

it('hides a secret in each line, in the forms in which it comes', () => {
  const mask = secretMask()
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  const logger = pinoLogger({ level: 'info', context: requestContext(), destination, mask })
  logger.info('before', { text: secret })
  mask.hide(secret)
  const forms = [secret, Buffer.from(secret).toString('base64'), Buffer.from(`x${secret}`).toString('base64')]
  for (const form of [...forms, encodeURIComponent(secret), Buffer.from(secret).toString('hex')])
    logger.info(form, { text: form, error: new Error(form) })
  expect(lines[0]).toContain('battery')
  const after = lines.slice(1).join('')
  expect(after).not.toMatch(/battery|horse|Y29ycmVjdC|636f7272656374/)
  expect(after).toContain('[secret]')
  for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow()
})

it('does not hide what is too short to be told from other text', () => {
  const mask = secretMask()
  mask.hide('info')
  expect(mask.text('{"level":"info"}')).toBe('{"level":"info"}')
})

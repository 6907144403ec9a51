import { spec } from './spec.ts'

export const jobCodes = {
  'job.not-found': spec(
    404,
    'Job not found',
    'Check the id with `covent jobs list`; ended ones are deleted in time.',
  ),
  'job.ended': spec(409, 'Job has ended', 'Nothing is left to cancel.'),
  'job.not-failed': spec(409, 'Job has not failed', 'Only a failed or cancelled job can be started anew.'),
  'job.cancelled': spec(
    409,
    'Job was cancelled',
    'Start it anew with `covent jobs retry`, if it was a mistake.',
  ),
  'job.timeout': spec(504, 'Job took too long', 'Give it more time, or less to do.'),
  'job.lost': spec(
    503,
    'Process of the job was lost',
    'See the log of that process; the job is tried again.',
  ),
  'job.stopped': spec(503, 'Server stops', 'The job is started anew by the next one.'),
  'job.rejected': spec(422, 'Job cannot be done', 'Mend what the message names; trying again does not help.'),
  'job.failed': spec(500, 'Job failed', 'Read the message and the server’s log, then `covent jobs retry`.'),
  'job.program-failed': spec(502, 'Program failed', 'Read the program’s last words in the message.'),
  'job.limit-unavailable': spec(
    503,
    'Limit cannot be set here',
    'Run it on a host that can, or without the limit.',
  ),
} as const

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { InvalidJobError, jobMessage, parseJob } from '../../../lib/adapters/queue/job-message.ts'

test('a job is read back from its message', () => {
  const jobs = fc.record({
    job: fc.string({ minLength: 1 }),
    subject: fc.string(),
    slot: fc.maxSafeNat(),
  })
  fc.assert(
    fc.property(jobs, (job) => {
      expect(parseJob(jobMessage(job))).toEqual(job)
    }),
  )
})

test.each([
  ['no JSON', 'push'],
  ['null', 'null'],
  ['a part missing', '{"job":"push-prices","slot":1}'],
  ['no job', '{"job":"","subject":"core","slot":1}'],
  ['half a slot', '{"job":"push-prices","subject":"core","slot":1.5}'],
  ['a slot before time', '{"job":"push-prices","subject":"core","slot":-1}'],
])('a message with %s is not a job', (_, body) => {
  expect(() => parseJob(body)).toThrow(InvalidJobError)
})

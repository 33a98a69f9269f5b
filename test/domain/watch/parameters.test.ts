import { expect, test } from 'vitest'

import { type Parameter, watchParameters } from '../../../lib/domain/watch/parameters.ts'

test.each(Object.entries(watchParameters) as [string, Parameter][])(
  '%s is within its bounds, and says why it is what it is',
  (_, { value, least, most, reason }) => {
    expect(value).toBeGreaterThanOrEqual(least)
    expect(value).toBeLessThanOrEqual(most)
    expect(reason).toMatch(/\w.*\.$/)
  },
)

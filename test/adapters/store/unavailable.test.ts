import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb'
import { expect, test } from 'vitest'

import { storeError, StoreUnavailableError } from '../../../lib/adapters/store/unavailable.ts'

function anAnswer(name: string, httpStatusCode: number): Error {
  const $metadata = { httpStatusCode }
  return new DynamoDBServiceException({ name, message: 'no', $fault: 'server', $metadata })
}

test.each([
  ['ThrottlingException', 400],
  ['RequestLimitExceeded', 400],
  ['ProvisionedThroughputExceededException', 400],
  ['TransactionInProgressException', 400],
  ['UnknownError', 429],
  ['ServiceUnavailable', 503],
  ['SyntaxError', 200],
])('%s with status %d is the store’s trouble', (name, status) => {
  const cause = anAnswer(name, status)
  const error = storeError('get LANE#a', cause)
  expect(error).toBeInstanceOf(StoreUnavailableError)
  expect(error).toMatchObject({ operation: 'get LANE#a', cause })
  expect(String(error)).toContain(`get LANE#a): ${name}: no`)
})

test.each([
  ['ValidationException', 400],
  ['AccessDeniedException', 400],
  ['ResourceNotFoundException', 400],
])('%s is somebody’s mistake, and stays what it is', (name, status) => {
  const error = anAnswer(name, status)
  expect(storeError('get', error)).toBe(error)
})

test('what never left this process is not the store’s trouble', () => {
  const error = new TypeError('not a row')
  expect(storeError('put', error)).toBe(error)
  expect(storeError('put', 'text')).toBe('text')
})

import { env } from 'node:process'

import { describe } from 'vitest'

import { storeContract } from './contract.ts'
import { givenEndpoint } from './given-endpoint.ts'
import { slotsContract } from './slots-contract.ts'

/** Of AWS's own local DynamoDB, of another emulator, or of a region's service. */
const endpoint = env['STARKEEP_DYNAMODB_ENDPOINT']

describe.skipIf(endpoint === undefined)('the store at STARKEEP_DYNAMODB_ENDPOINT', () => {
  const given = givenEndpoint(endpoint ?? 'http://127.0.0.1:8000')
  storeContract({ make: async (clock) => await given.freshStore(clock), runs: 10 })
  slotsContract(async (clock) => await given.freshStore(clock))
})

import { describe } from 'vitest'

import { storeContract } from './contract.ts'
import { emulator, noEmulator } from './emulator.ts'

describe.skipIf(noEmulator)('the store in DynamoDB', () => {
  const local = emulator()
  storeContract({ make: async (clock) => await local.freshStore(clock), runs: 15 })
})

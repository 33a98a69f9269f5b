import * as z from 'zod'

import { section } from './section.ts'
import { evmAddress, felt, name, privateUrl } from './values.ts'

/** Of the STARK curve's field, in which keys are. */
const prime = 2n ** 251n + 17n * 2n ** 192n + 1n

const signers = section({
  stark: felt('a STARK public key, 0x and up to 64 hex digits', { below: prime })
    .optional()
    .describe('The STARK key that it signs reports for starknet-perpetual with.'),
  evm: evmAddress
    .optional()
    .describe('The address of the key that it signs reports for evm-engine with.'),
}).refine(({ stark, evm }) => stark ?? evm, 'expected a stark signer, an evm signer or both')

/** Another operator's oracle node. */
const peer = section({
  name: name.describe('As its operator calls it, and as it signs for.'),
  url: privateUrl.describe('Where it serves its reports: the address of its `reports` function.'),
  signers,
  next: signers
    .optional()
    .describe('Keys that are to follow: its reports count whichever of the two it signs with.'),
})

export const peers = z
  .array(peer)
  .max(31, 'expected at most 31 peers: no exchange takes more reports')
  .default([])
  .describe(
    "Other operators' oracle nodes. push-prices asks each for its signed reports, verifies every one, and counts it beside those of its own table.",
  )

import { encodePacked, keccak256 } from 'viem/utils'

import type { Hash } from '../facts/words.ts'
import type { ForcedTrade, ForcedWithdrawal } from './program-output.ts'

/** By which the contract remembers a request for a withdrawal, and lists it. */
export function forcedWithdrawalHash(request: Omit<ForcedWithdrawal, 'kind'>): Hash {
  const { starkKey, position, amount } = request
  return keccak256(
    encodePacked(
      ['string', 'uint256', 'uint256', 'uint256'],
      ['FORCED_WITHDRAWAL', starkKey, position, amount],
    ),
  )
}

/** The same of a trade, for the exchange's collateral. */
export function forcedTradeHash(request: Omit<ForcedTrade, 'kind'>, collateral: bigint): Hash {
  return keccak256(
    encodePacked(
      ['string', ...Array.from({ length: 8 }, () => 'uint256'), 'bool', 'uint256'],
      [
        'FORCED_TRADE',
        request.starkKeyA,
        request.starkKeyB,
        request.positionA,
        request.positionB,
        collateral,
        request.syntheticAsset,
        request.collateralAmount,
        request.syntheticAmount,
        request.aBuysSynthetic,
        request.nonce,
      ],
    ),
  )
}

/** What party B signs, as it is: that it consents to the trade until the end of that hour since 1970. */
export function tradeConsentHash(action: Hash, lastHour: bigint): Hash {
  return keccak256(encodePacked(['bytes32', 'uint256'], [action, lastHour]))
}

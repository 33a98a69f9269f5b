import {
  encodeAbiParameters,
  hashTypedData,
  keccak256,
  parseAbiParameters,
  toBytes,
} from 'viem/utils'

import { priceToWire } from '../../../domain/price-message.ts'
import type { Report } from '../../../domain/report.ts'
import { unixSeconds } from '../../../domain/time.ts'
import { feedId } from './feed-id.ts'

/** Where a signature counts: one contract on one chain. */
export type PerpMarkDomain = { readonly chainId: number; readonly address: `0x${string}` }

const types = {
  Report: [
    { name: 'feedId', type: 'bytes32' },
    { name: 'roundId', type: 'uint64' },
    { name: 'observedAt', type: 'uint64' },
    { name: 'oldestInputAt', type: 'uint64' },
    { name: 'price', type: 'int256' },
    { name: 'decimals', type: 'uint8' },
    { name: 'sources', type: 'uint16' },
    { name: 'configHash', type: 'bytes32' },
  ],
} as const

/** The EIP-712 hash that a node signs. Times are whole seconds, the price has 18 decimals and is exact. */
export function reportDigest(report: Report, at: PerpMarkDomain): `0x${string}` {
  return hashTypedData({
    domain: domainOf(at),
    types,
    primaryType: 'Report',
    message: {
      feedId: feedId(report.feed),
      roundId: BigInt(report.round),
      decimals: 18,
      ...reportFields(report),
    },
  })
}

/** The part of a report that is its own, as the contract takes it. */
export function reportFields(report: Report) {
  return {
    observedAt: BigInt(unixSeconds(report.observedAt)),
    oldestInputAt: BigInt(unixSeconds(report.oldestInputAt)),
    price: priceToWire(report.price),
    sources: report.sources,
    configHash: report.configHash,
  }
}

/** What the contract answers to `domainSeparator()`. */
export function separatorOf(at: PerpMarkDomain): `0x${string}` {
  const { name, version, chainId, verifyingContract } = domainOf(at)
  const words = parseAbiParameters('bytes32, bytes32, bytes32, uint256, address')
  const type = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'
  return keccak256(
    encodeAbiParameters(words, [
      hashText(type),
      hashText(name),
      hashText(version),
      BigInt(chainId),
      verifyingContract,
    ]),
  )
}

function hashText(text: string): `0x${string}` {
  return keccak256(toBytes(text))
}

function domainOf({ chainId, address }: PerpMarkDomain) {
  return { name: 'PerpMark', version: '1', chainId, verifyingContract: address }
}

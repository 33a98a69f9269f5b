import { hexToString, stringToHex } from 'viem/utils'

import type { Market } from '../../../domain/market.ts'

/** A market as the contract knows it: ASCII, left in 32 bytes. */
export function feedId(market: Market): `0x${string}` {
  return stringToHex(market, { size: 32 })
}

/** What 32 bytes say, where it is text. */
export function textOf(word: `0x${string}`): string {
  const text = hexToString(word, { size: 32 })
  return /^[\x20-\x7e]+$/.test(text) ? text : word
}

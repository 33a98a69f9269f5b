import { decodeErrorResult } from 'viem/utils'

import { feedAbi } from './feed-abi.ts'

/** A feed's error in words, such as `NotUpdater(0x…)`; undefined where it is none of its own. */
export function decodeFeedRevert(data: `0x${string}`): string | undefined {
  try {
    const { errorName, args } = decodeErrorResult({ abi: feedAbi, data })
    return `${errorName}(${(args ?? []).map(String).join(', ')})`
  } catch {
    return undefined
  }
}

import { sha256 } from 'viem'

import { zeroOfCurve } from '../kzg/constant-blobs.ts'

/** Has a node evaluate a blob once: the first time it prepares itself for seconds, which no test should be measured by. */
export async function warmKzg(node: {
  rpc(method: string, ...params: readonly unknown[]): Promise<unknown>
}): Promise<void> {
  const hash = `01${sha256(zeroOfCurve).slice(4)}`
  const point = '5'.padStart(64, '0')
  const data = `0x${hash}${point}${'00'.repeat(32)}${zeroOfCurve.slice(2).repeat(2)}`
  await node.rpc('eth_call', { to: `0x${'0a'.padStart(40, '0')}`, data }, 'latest')
}

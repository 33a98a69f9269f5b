import type { Hex } from 'viem'

import type { Rpc, RpcRequest } from '../rpc.ts'

/**
 * Whether a contract answers that view in the newest final block: one that was deployed a moment ago is not there yet, or has no
 * implementation behind its proxy.
 */
export async function answersThere(
  rpc: Rpc,
  { to, view }: { readonly to: Hex; readonly view: Hex },
): Promise<boolean> {
  const request: RpcRequest<boolean> = {
    method: 'eth_call',
    params: [{ to, data: view }, 'finalized'],
    read: (result) => result !== '0x',
  }
  const [answer] = await rpc.answers([request])
  return answer.kind === 'result' && answer.value
}

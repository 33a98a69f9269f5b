import type { localRpc } from './local-rpc.ts'

/** Whether a contract stands there. */
export async function hasCode(rpc: ReturnType<typeof localRpc>, address: string): Promise<boolean> {
  const code = await rpc('eth_getCode', address, 'latest')
  return typeof code === 'string' && code !== '0x'
}

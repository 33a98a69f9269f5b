import type { Fee } from './fee.ts'

/** What fees are paid in, by kind of chain; all have 18 decimals. A gateway takes none. */
export const feeTokens: Readonly<Record<Fee['kind'], string | undefined>> = {
  evm: 'ETH',
  starknet: 'STRK',
  starkex: undefined,
}

export const feeTokenDecimals = 18

import { parseAbi } from 'viem/utils'

/** What a PerpEngine tells of liquidations, and what else a transaction with one tells. A test holds it to the compiled contract. */
export const evmLiquidationAbi = parseAbi([
  'event Liquidated(address indexed account, address indexed liquidator, bytes32 indexed feedId, int256 size, uint256 price, uint256 penalty, uint256 reward, uint256 cover)',
  'event Deleveraged(address indexed account, address indexed counterparty, bytes32 indexed feedId, int256 size, int256 cash, uint256 loss)',
  'event InsuranceFundChanged(uint256 balance)',
  'event FundingSettled(address indexed account, bytes32 indexed feedId, int256 payment)',
  'event PositionChanged(address indexed account, bytes32 indexed feedId, int256 size, int256 cost, int256 fundingIndex, int256 collateral)',
])

import { parseAbi } from 'viem/utils'

/** What a PerpEngine tells of its accounts. A test holds it to the compiled contract. */
export const evmPositionsAbi = parseAbi([
  'struct Position { int128 size; int128 cost; int192 fundingIndex; }',
  'function accountOf(address owner) view returns (int256 collateral, bytes32[] feedIds)',
  'function position(address owner, bytes32 feedId) view returns (Position)',
  'event CollateralChanged(address indexed account, int256 collateral)',
  'event PositionChanged(address indexed account, bytes32 indexed feedId, int256 size, int256 cost, int256 fundingIndex, int256 collateral)',
  'event FundingTicked(bytes32 indexed feedId, uint64 epoch, int256 rate, int256 index)',
])

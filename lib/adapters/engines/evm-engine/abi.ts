import { parseAbi } from 'viem/utils'

/** What the keepers ask of and tell a PerpEngine (infra/contracts/evm-engine). A test holds it to the compiled contract. */
export const evmEngineAbi = parseAbi([
  'struct SignedReport { uint64 observedAt; uint64 oldestInputAt; int256 price; uint16 sources; bytes32 configHash; uint8 v; bytes32 r; bytes32 s; }',
  'struct PriceUpdate { bytes32 feedId; uint64 roundId; SignedReport[] reports; }',
  'struct MarketRules { uint8 status; uint8 quorum; uint16 initialMarginBps; uint16 maintenanceMarginBps; uint16 penaltyBps; uint32 maxPriceAge; uint64 maxFundingRate; }',
  'struct EngineRules { uint32 maxReportAge; uint32 liquidationGrace; uint16 liquidatorShareBps; uint16 closeFactorBps; uint16 tradeFeeBps; uint128 smallPosition; }',
  'struct Mark { uint112 price; uint64 publishedAt; uint64 roundId; }',
  'struct FundingState { int192 index; uint64 epoch; }',
  'struct MarketView { MarketRules rules; Mark mark; FundingState funding; }',
  'function pushPrices(PriceUpdate[] updates)',
  'function tickFunding(uint64 epoch, bytes32[] feedIds, int256[] rates)',
  'function liquidate(address account, bytes32 feedId, uint256 size) returns (uint256 reward)',
  'function deleverage(address account, address counterparty, bytes32 feedId, uint256 size)',
  'function batch(bytes[] calls) returns (bool[] done)',
  'function rulesOfEngine() view returns (EngineRules)',
  'function insuranceFund() view returns (uint256)',
  'function liquidationsFrom() view returns (uint64)',
  'function collateralToken() view returns (address)',
  'function domainSeparator() view returns (bytes32)',
  'function epochSeconds() view returns (uint64)',
  'function isOperator(address) view returns (bool)',
  'function snapshot(bytes32[] ids) view returns (bool isPaused, address[] signers, MarketView[] views)',
])

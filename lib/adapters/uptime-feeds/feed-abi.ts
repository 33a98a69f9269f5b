import { parseAbi } from 'viem/utils'

/** What a keeper asks of a feed and tells it. A test holds it to the contract (infra/contracts/uptime-feed). */
export const feedAbi = parseAbi([
  'function updateStatus(bool isDown, uint64 timestamp)',
  'function latestRound() view returns (uint80)',
  'function lastReportAt() view returns (uint64)',
  'function getRoundData(uint80 id) view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
  'function decimals() view returns (uint8)',
  'function description() view returns (string)',
  'function isUpdater(address) view returns (bool)',
  'error NoDataPresent()',
  'error NotOwner(address sender)',
  'error NotUpdater(address sender)',
  'error ReportFromTheFuture(uint64 timestamp, uint64 blockTime)',
  'error ZeroAddress()',
])

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Every way in which the engine says no. Feeds and names are ASCII in 32 bytes, times unix seconds, prices USD at 18
// decimals, values and amounts the collateral's smallest units, sizes 1e-18 of the asset.

// Roles and pauses.
error NotGovernor(address caller);
error NotOperator(address caller);
error NotGuardian(address caller);
error NotPendingGovernor(address caller);
error ZeroAddress();
error EnginePaused();
error NotPaused();
error WithdrawalsPaused(uint64 until);
error LiquidationsPaused(uint64 until);
error NotScheduled(bytes32 id);
error AlreadyScheduled(bytes32 id);
error NotReady(bytes32 id, uint64 readyAt);
error ScheduleExpired(bytes32 id, uint64 expiredAt);
error Reentered();

// Settings.
error InvalidSetting(bytes32 name, uint256 value);
error LengthMismatch(uint256 left, uint256 right);
error SignerAlreadyAdded(address signer);
error SignerNotFound(address signer);
error UnknownMarket(bytes32 feedId);
error MarketReduceOnly(bytes32 feedId, address account);

// Prices.
error EmptyBatch();
error TooManyReports(bytes32 feedId, uint256 reports, uint256 most);
error NotEnoughReports(bytes32 feedId, uint256 reports, uint256 quorum);
error RoundNotNewer(bytes32 feedId, uint64 roundId, uint64 storedRoundId);
error ReportNotNewer(bytes32 feedId, uint64 observedAt, uint64 publishedAt);
error ReportTooOld(bytes32 feedId, uint64 observedAt, uint64 earliest);
error ReportFromFuture(bytes32 feedId, uint64 observedAt, uint64 latest);
error InputFromFuture(bytes32 feedId, uint64 oldestInputAt, uint64 observedAt);
error InvalidPrice(bytes32 feedId, int256 price);
error InvalidReportSignature(bytes32 feedId, uint256 index);
error UnknownSigner(bytes32 feedId, address signer);
error SignersNotAscending(bytes32 feedId, address signer, address previous);
error StalePrice(bytes32 feedId, uint64 publishedAt, uint64 maxAge);

// Funding.
error WrongEpoch(uint64 epoch, uint64 current);
error FundingAlreadyTicked(bytes32 feedId, uint64 epoch);
error FundingRateTooHigh(bytes32 feedId, int256 rate, uint256 most);

// Accounts.
error ZeroAmount();
error TransferFailed(address token);
error MarginTooLow(address account, int256 value, uint256 needed);
error TooManyPositions(address account, uint256 most);
error SizeOutOfRange(bytes32 feedId, int256 size);

// Orders.
error OrderExpired(address account, uint64 expiry);
error OrderNonceTooLow(address account, uint256 nonce, uint256 least);
error OrderOverfilled(address account, uint256 size, uint256 left);
error OrderPriceBroken(address account, uint256 price, uint256 limit);
error OrderFeeTooHigh(address account, uint256 feeBps, uint256 mostBps);
error OrderWrongSide(address account, int256 size);
error OrdersDiffer(bytes32 buyFeedId, bytes32 sellFeedId);
error InvalidOrderSignature(address account);
error NotOrderOwner(address caller, address account);

// Batches.
error NotEnoughGas(uint256 index);

// Liquidation and deleveraging.
error SameAccount(address account);
error NotLiquidatable(address account, int256 value, uint256 maintenance);
error SizeTooLarge(address account, bytes32 feedId, uint256 size, uint256 most);
error InsuranceFundShort(uint256 needed, uint256 available);
error InsuranceFundPays(uint256 needed, uint256 available);
error NotBankrupt(address account, int256 value);
error NotOpposite(address account, address counterparty, bytes32 feedId);
error NotProfitable(address counterparty, bytes32 feedId, int256 profit);
error CounterpartyUnfit(address counterparty, int256 value, uint256 maintenance);

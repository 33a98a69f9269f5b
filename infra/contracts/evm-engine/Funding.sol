// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "./Errors.sol";
import {Fixed} from "./Fixed.sol";
import {FundingState} from "./Markets.sol";
import {Oracle} from "./Oracle.sol";

/// Funding between longs and shorts, by an index that each position settles when it is next touched.
abstract contract Funding is Oracle {
    using Fixed for int256;

    event FundingTicked(bytes32 indexed feedId, uint64 epoch, int256 rate, int256 index);

    uint64 public immutable epochSeconds;

    constructor(uint64 epochSeconds_) {
        if (epochSeconds_ == 0) revert InvalidSetting("epochSeconds", 0);
        epochSeconds = epochSeconds_;
    }

    function currentEpoch() public view returns (uint64) {
        return uint64(block.timestamp) / epochSeconds;
    }

    /// Adds each market's rate, a fraction of notional at 18 decimals that longs pay to shorts, to its index: for the epoch
    /// that is now, and once for it. An epoch that nobody ticked is not paid later.
    function tickFunding(uint64 epoch, bytes32[] calldata feedIds, int256[] calldata rates)
        external
        onlyOperator
        whenRunning
    {
        if (feedIds.length != rates.length) revert LengthMismatch(feedIds.length, rates.length);
        if (feedIds.length == 0) revert EmptyBatch();
        if (epoch != currentEpoch()) revert WrongEpoch(epoch, currentEpoch());
        for (uint256 i = 0; i < feedIds.length; i++) _tick(epoch, feedIds[i], rates[i]);
    }

    function _tick(uint64 epoch, bytes32 feedId, int256 rate) private {
        _requireListed(feedId);
        FundingState memory funding = fundingOf[feedId];
        if (epoch <= funding.epoch) revert FundingAlreadyTicked(feedId, funding.epoch);
        int256 most = int256(uint256(rulesOf[feedId].maxFundingRate));
        if (rate > most || rate < -most) revert FundingRateTooHigh(feedId, rate, uint256(most));
        int256 change = (rate * int256(_freshPrice(feedId))).floorDiv(1e18);
        int192 index = Fixed.toInt192(funding.index + change);
        fundingOf[feedId] = FundingState(index, epoch);
        emit FundingTicked(feedId, epoch, rate, index);
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "./Errors.sol";
import {Fixed} from "./Fixed.sol";
import {Mark, Markets} from "./Markets.sol";
import {Signatures} from "./Signatures.sol";

/// What one node signed of one feed and round; feed, round and decimals are the update's.
struct SignedReport {
    uint64 observedAt;
    uint64 oldestInputAt;
    int256 price;
    uint16 sources;
    bytes32 configHash;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

struct PriceUpdate {
    bytes32 feedId;
    uint64 roundId;
    /// By ascending signer.
    SignedReport[] reports;
}

/// Mark prices: the plain median of a quorum of signed reports of one round, computed here. Anyone may push what is validly
/// signed. Who pushes first chooses which of the round's reports count, so a quorum is more than half of the signers: then
/// whatever is chosen stays within what honest nodes reported.
abstract contract Oracle is Markets, Signatures {
    event RoundsRestarted(bytes32 indexed feedId);
    event PriceUpdated(bytes32 indexed feedId, uint64 roundId, uint256 price, uint64 publishedAt, uint16 reports);

    bytes32 private constant REPORT_TYPEHASH = keccak256(
        "Report(bytes32 feedId,uint64 roundId,uint64 observedAt,uint64 oldestInputAt,int256 price,uint8 decimals,uint16 sources,bytes32 configHash)"
    );
    uint8 private constant DECIMALS = 18;
    /// Leaves room for a price times a size.
    int256 private constant MOST_PRICE = int256(uint256(type(uint112).max));
    /// How far a node's clock may be before a block's, which some nodes stamp with the last block's time.
    uint64 private constant CLOCK_SKEW = 30;

    /// All or nothing: one bad report fails the batch, and the error names its feed.
    function pushPrices(PriceUpdate[] calldata updates) external {
        if (updates.length == 0) revert EmptyBatch();
        for (uint256 i = 0; i < updates.length; i++) _push(updates[i]);
    }

    /// Lets rounds count from the beginning again, for when nodes number them anew. Old reports stay old by their time.
    function restartRounds(bytes32[] calldata ids) external onlyGovernance {
        for (uint256 i = 0; i < ids.length; i++) {
            _requireListed(ids[i]);
            markOf[ids[i]].roundId = 0;
            emit RoundsRestarted(ids[i]);
        }
    }

    /// What a node signs.
    function reportDigest(bytes32 feedId, uint64 roundId, SignedReport calldata report) public view returns (bytes32) {
        return _digest(
            keccak256(
                abi.encode(
                    REPORT_TYPEHASH,
                    feedId,
                    roundId,
                    report.observedAt,
                    report.oldestInputAt,
                    report.price,
                    DECIMALS,
                    report.sources,
                    report.configHash
                )
            )
        );
    }

    function _push(PriceUpdate calldata update) private {
        bytes32 feedId = update.feedId;
        uint256 count = update.reports.length;
        _requireListed(feedId);
        if (count < rulesOf[feedId].quorum) revert NotEnoughReports(feedId, count, rulesOf[feedId].quorum);
        if (count > MOST_REPORTS) revert TooManyReports(feedId, count, MOST_REPORTS);
        Mark memory stored = markOf[feedId];
        if (update.roundId <= stored.roundId) revert RoundNotNewer(feedId, update.roundId, stored.roundId);

        uint256[] memory prices = new uint256[](count);
        address previous = address(0);
        // The oldest of them, so that a price never claims to be newer than what it was made of.
        uint64 publishedAt = type(uint64).max;
        for (uint256 i = 0; i < count; i++) {
            SignedReport calldata report = update.reports[i];
            _checkReport(feedId, report, stored.publishedAt);
            address signer = _recover(reportDigest(feedId, update.roundId, report), report.v, report.r, report.s);
            if (signer == address(0)) revert InvalidReportSignature(feedId, i);
            if (!isSigner[signer]) revert UnknownSigner(feedId, signer);
            if (signer <= previous) revert SignersNotAscending(feedId, signer, previous);
            previous = signer;
            prices[i] = uint256(report.price);
            if (report.observedAt < publishedAt) publishedAt = report.observedAt;
        }
        uint256 price = Fixed.median(prices);
        markOf[feedId] = Mark(uint112(price), publishedAt, update.roundId);
        emit PriceUpdated(feedId, update.roundId, price, publishedAt, uint16(count));
    }

    function _checkReport(bytes32 feedId, SignedReport calldata report, uint64 publishedAt) private view {
        uint64 observedAt = report.observedAt;
        uint64 latest = uint64(block.timestamp) + CLOCK_SKEW;
        uint64 earliest = uint64(block.timestamp) - engineRules.maxReportAge;
        if (report.price <= 0 || report.price > MOST_PRICE) revert InvalidPrice(feedId, report.price);
        if (observedAt > latest) revert ReportFromFuture(feedId, observedAt, latest);
        if (observedAt < earliest) revert ReportTooOld(feedId, observedAt, earliest);
        if (observedAt <= publishedAt) revert ReportNotNewer(feedId, observedAt, publishedAt);
        if (report.oldestInputAt > observedAt) revert InputFromFuture(feedId, report.oldestInputAt, observedAt);
    }
}

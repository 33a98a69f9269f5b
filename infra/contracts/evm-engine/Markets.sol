// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "./Errors.sol";
import {Fixed} from "./Fixed.sol";
import {Governed} from "./Governed.sol";

enum Status {
    Unlisted,
    Active,
    /// Positions can only shrink; funding and liquidations go on.
    ReduceOnly
}

struct MarketRules {
    Status status;
    /// Least reports for a price.
    uint8 quorum;
    uint16 initialMarginBps;
    uint16 maintenanceMarginBps;
    /// Of the notional that a liquidation takes over.
    uint16 penaltyBps;
    /// Seconds after which nothing is decided by a price.
    uint32 maxPriceAge;
    /// Of the notional, per epoch, at 18 decimals.
    uint64 maxFundingRate;
}

struct EngineRules {
    /// Seconds after which a signed report is worth nothing.
    uint32 maxReportAge;
    /// Seconds after a pause without liquidations.
    uint32 liquidationGrace;
    /// The liquidator's part of the penalty; the rest is the insurance fund's.
    uint16 liquidatorShareBps;
    /// How much of a position one liquidation may take, where the account is not far gone.
    uint16 closeFactorBps;
    /// Of each side's notional, to the insurance fund.
    uint16 tradeFeeBps;
    /// A position of at most this value may be taken whole.
    uint128 smallPosition;
}

struct Mark {
    uint112 price;
    uint64 publishedAt;
    uint64 roundId;
}

struct FundingState {
    /// What one whole unit held long has paid since the beginning: USD at 18 decimals.
    int192 index;
    uint64 epoch;
}

struct MarketView {
    MarketRules rules;
    Mark mark;
    FundingState funding;
}

/// The listed markets, their rules, and who signs prices. A market is never delisted, only closed to new risk.
abstract contract Markets is Governed {
    using Fixed for uint256;

    event MarketSet(bytes32 indexed feedId, MarketRules rules);
    event RulesSet(EngineRules rules);
    event SignerChanged(address indexed signer, bool allowed);

    /// What ordering and counting on chain costs little for.
    uint256 internal constant MOST_REPORTS = 32;
    uint32 private constant MOST_PRICE_AGE = 1 days;
    uint64 private constant MOST_FUNDING_RATE = 0.1e18;
    uint16 private constant MOST_TRADE_FEE_BPS = 100;

    bytes32[] private feedIds;
    mapping(bytes32 => MarketRules) internal rulesOf;
    mapping(bytes32 => Mark) internal markOf;
    mapping(bytes32 => FundingState) internal fundingOf;
    EngineRules internal engineRules;

    address[] private signerList;
    mapping(address => bool) public isSigner;

    constructor(EngineRules memory rules) {
        _setEngineRules(rules);
    }

    /// Lists markets, or changes the rules of listed ones.
    function setMarkets(bytes32[] calldata ids, MarketRules[] calldata rules) external onlyGovernance {
        if (ids.length != rules.length) revert LengthMismatch(ids.length, rules.length);
        for (uint256 i = 0; i < ids.length; i++) {
            bytes32 id = ids[i];
            if (id == 0) revert UnknownMarket(id);
            _checkMarket(rules[i]);
            if (rulesOf[id].status == Status.Unlisted) feedIds.push(id);
            rulesOf[id] = rules[i];
            emit MarketSet(id, rules[i]);
        }
    }

    function setEngineRules(EngineRules calldata rules) external onlyGovernance {
        _setEngineRules(rules);
    }

    function addSigners(address[] calldata added) external onlyGovernance {
        for (uint256 i = 0; i < added.length; i++) {
            if (added[i] == address(0)) revert ZeroAddress();
            if (isSigner[added[i]]) revert SignerAlreadyAdded(added[i]);
            isSigner[added[i]] = true;
            signerList.push(added[i]);
            emit SignerChanged(added[i], true);
        }
    }

    /// Needs no delay: a lost key must not wait, and with too few signers prices only stop.
    function removeSigner(address signer) external onlyStopper {
        if (!isSigner[signer]) revert SignerNotFound(signer);
        isSigner[signer] = false;
        uint256 place = 0;
        while (signerList[place] != signer) place++;
        signerList[place] = signerList[signerList.length - 1];
        signerList.pop();
        emit SignerChanged(signer, false);
    }

    function markets() external view returns (bytes32[] memory) {
        return feedIds;
    }

    function rulesOfEngine() external view returns (EngineRules memory) {
        return engineRules;
    }

    /// All that a keeper needs of these markets, of one block. Unlisted ones are all zeros.
    function snapshot(bytes32[] calldata ids)
        external
        view
        returns (bool isPaused, address[] memory signers, MarketView[] memory views)
    {
        views = new MarketView[](ids.length);
        for (uint256 i = 0; i < ids.length; i++) {
            views[i] = MarketView(rulesOf[ids[i]], markOf[ids[i]], fundingOf[ids[i]]);
        }
        return (paused, signerList, views);
    }

    function _requireListed(bytes32 feedId) internal view {
        if (rulesOf[feedId].status == Status.Unlisted) revert UnknownMarket(feedId);
    }

    /// The price that decides now.
    function _freshPrice(bytes32 feedId) internal view returns (uint256) {
        Mark storage mark = markOf[feedId];
        uint64 maxAge = rulesOf[feedId].maxPriceAge;
        if (block.timestamp > uint256(mark.publishedAt) + maxAge) revert StalePrice(feedId, mark.publishedAt, maxAge);
        return mark.price;
    }

    function _liquidationGrace() internal view override returns (uint64) {
        return engineRules.liquidationGrace;
    }

    function _setEngineRules(EngineRules memory rules) private {
        _within("maxReportAge", rules.maxReportAge, 1, 1 hours);
        _within("liquidationGrace", rules.liquidationGrace, 0, 1 days);
        _within("liquidatorShareBps", rules.liquidatorShareBps, 0, Fixed.BPS);
        _within("closeFactorBps", rules.closeFactorBps, 1, Fixed.BPS);
        _within("tradeFeeBps", rules.tradeFeeBps, 0, MOST_TRADE_FEE_BPS);
        engineRules = rules;
        emit RulesSet(rules);
    }

    function _checkMarket(MarketRules calldata rules) private pure {
        _within("status", uint256(rules.status), 1, 2);
        _within("quorum", rules.quorum, 1, MOST_REPORTS);
        _within("initialMarginBps", rules.initialMarginBps, 1, Fixed.BPS);
        _within("maintenanceMarginBps", rules.maintenanceMarginBps, 1, rules.initialMarginBps);
        // An account at the edge can always pay the whole penalty.
        _within("penaltyBps", rules.penaltyBps, 0, rules.maintenanceMarginBps - 1);
        _within("maxPriceAge", rules.maxPriceAge, 1, MOST_PRICE_AGE);
        _within("maxFundingRate", rules.maxFundingRate, 0, MOST_FUNDING_RATE);
    }

    function _within(bytes32 name, uint256 value, uint256 least, uint256 most) private pure {
        if (value < least || value > most) revert InvalidSetting(name, value);
    }
}

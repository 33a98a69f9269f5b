// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {burnAll} from "../gps/OldWords.sol";
import {FREEZE_PERIOD, GRACE_PERIOD} from "./Constants.sol";
import {Offices} from "./Offices.sol";
import {common} from "./Storage.sol";

/// An exchange that leaves a forced request unserved for a week can be frozen by anyone, for a year.
abstract contract Freezing is Offices {
    event LogFrozen();

    modifier notFrozen() {
        require(!common().frozen, "STATE_IS_FROZEN");
        _;
    }

    modifier onlyFrozen() {
        require(common().frozen, "STATE_NOT_FROZEN");
        _;
    }

    /// By a request of that time; a served trade has the largest of all times.
    function _freezeBy(uint256 requestTime) internal notFrozen {
        require(requestTime != 0, "FORCED_ACTION_UNREQUESTED");
        uint256 from;
        unchecked {
            from = requestTime + GRACE_PERIOD;
        }
        if (from < GRACE_PERIOD) burnAll();
        require(block.timestamp >= from, "FORCED_ACTION_PENDING");
        // What was requested before a freeze is no reason for another one.
        require(from > common().unFreezeTime, "REFREEZE_ATTEMPT");
        common().unFreezeTime = block.timestamp + FREEZE_PERIOD;
        common().frozen = true;
        emit LogFrozen();
    }
}

/// What is known of it, and its end, in one part only.
abstract contract Thawing is Freezing {
    event LogUnFrozen();

    function isFrozen() external view returns (bool) {
        return common().frozen;
    }

    /// The roots change, so that proofs of before are worth nothing.
    function unFreeze() external onlyFrozen onlyGovernance {
        require(block.timestamp >= common().unFreezeTime, "UNFREEZE_NOT_ALLOWED_YET");
        common().frozen = false;
        unchecked {
            common().validiumVaultRoot += 1;
            common().rollupVaultRoot += 1;
            common().orderRoot += 1;
        }
        emit LogUnFrozen();
    }
}

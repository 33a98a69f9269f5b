// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {REQUESTS_PER_BLOCK} from "./Constants.sol";
import {common} from "./Storage.sol";

/// A trade that one side asks for, with the other's consent.
struct ForcedTrade {
    uint256 starkKeyA;
    uint256 starkKeyB;
    uint256 vaultIdA;
    uint256 vaultIdB;
    uint256 collateralAssetId;
    uint256 syntheticAssetId;
    uint256 amountCollateral;
    uint256 amountSynthetic;
    bool aIsBuyingSynthetic;
    uint256 nonce;
}

/// What users ask for on L1, by its hash, and when. A withdrawal that was served is forgotten; a trade never is, because the
/// other side's consent is not given again.
abstract contract ForcedRequests {
    uint256 private constant SERVED = type(uint256).max;
    /// What a place beyond those of a block costs.
    uint256 private constant PREMIUM_GAS = 890_000;

    function _withdrawalHash(uint256 key, uint256 vault, uint256 amount) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked("FORCED_WITHDRAWAL", key, vault, amount));
    }

    function _tradeHash(ForcedTrade memory trade) internal pure returns (bytes32) {
        bytes memory sides = abi.encodePacked(
            trade.starkKeyA, trade.starkKeyB, trade.vaultIdA, trade.vaultIdB, trade.collateralAssetId
        );
        return keccak256(
            abi.encodePacked(
                "FORCED_TRADE",
                sides,
                trade.syntheticAssetId,
                trade.amountCollateral,
                trade.amountSynthetic,
                trade.aIsBuyingSynthetic,
                trade.nonce
            )
        );
    }

    function _requestedAt(bytes32 action) internal view returns (uint256) {
        return common().forcedRequestedAt[action];
    }

    function _request(bytes32 action, bool premium) internal {
        if (premium) {
            _payPremium();
        } else {
            require(
                common().forcedRequestsIn[block.number] < REQUESTS_PER_BLOCK, "MAX_REQUESTS_PER_BLOCK_REACHED"
            );
            common().forcedRequestsIn[block.number] += 1;
        }
        common().forcedRequestedAt[action] = block.timestamp;
        common().actionHashes.push(action);
    }

    function _serveWithdrawal(bytes32 action) internal {
        require(_requestedAt(action) != 0, "NON_EXISTING_ACTION");
        common().forcedRequestedAt[action] = 0;
    }

    function _serveTrade(bytes32 action) internal {
        require(_requestedAt(action) != SERVED, "ACTION_ALREADY_CLEARED");
        require(_requestedAt(action) != 0, "NON_EXISTING_ACTION");
        common().forcedRequestedAt[action] = SERVED;
    }

    function _payPremium() private view {
        uint256 rest = gasleft() > PREMIUM_GAS ? gasleft() - PREMIUM_GAS : 0;
        while (gasleft() > rest) {}
    }
}

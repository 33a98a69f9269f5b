// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Assets} from "./Assets.sol";
import {common} from "./Storage.sol";

/// What may be taken out, by a batch or by an escape.
abstract contract Withdrawable is Assets {
    event LogWithdrawalAllowed(
        uint256 ownerKey, uint256 assetType, uint256 nonQuantizedAmount, uint256 quantizedAmount
    );
    event LogAssetWithdrawalAllowed(uint256 ownerKey, uint256 assetId, uint256 quantizedAmount);

    function _allowWithdrawal(uint256 key, uint256 asset, uint256 quanta) internal {
        uint256 sum;
        unchecked {
            sum = common().withdrawals[key][asset] + quanta;
        }
        require(sum >= quanta, "WITHDRAWAL_OVERFLOW");
        common().withdrawals[key][asset] = sum;
        if (common().registeredAssetType[asset]) {
            emit LogWithdrawalAllowed(key, asset, _fromQuantized(asset, quanta), quanta);
        } else {
            emit LogAssetWithdrawalAllowed(key, asset, quanta);
        }
    }
}

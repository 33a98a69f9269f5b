// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {burnAll} from "../gps/OldWords.sol";
import {AMOUNT_BOUND, POSITION_BOUND, PRIME} from "./Constants.sol";
import {ForcedRequests, ForcedTrade} from "./ForcedRequests.sol";
import {Freezing} from "./Freezing.sol";
import {Keys} from "./Keys.sol";
import {Part} from "./Part.sol";
import {common, perpetual} from "./Storage.sol";

/// Requests that the operator has to serve within a week, and what happens where it does not.
contract PerpetualForcedActions is Part, Freezing, Keys, ForcedRequests {
    event LogForcedWithdrawalRequest(uint256 starkKey, uint256 vaultId, uint256 quantizedAmount);
    event LogForcedTradeRequest(
        uint256 starkKeyA,
        uint256 starkKeyB,
        uint256 vaultIdA,
        uint256 vaultIdB,
        uint256 collateralAssetId,
        uint256 syntheticAssetId,
        uint256 amountCollateral,
        uint256 amountSynthetic,
        bool aIsBuyingSynthetic,
        uint256 nonce
    );

    /// r, s and v.
    uint256 private constant SIGNATURE_LENGTH = 65;

    function identify() external pure override returns (string memory) {
        return "StarkWare_PerpetualForcedActions_2022_2";
    }

    function forcedWithdrawalRequest(uint256 starkKey, uint256 vaultId, uint256 quantizedAmount, bool premiumCost)
        external
        notFrozen
        onlyKeyOwner(starkKey)
    {
        require(vaultId < POSITION_BOUND, "OUT_OF_RANGE_POSITION_ID");
        require(quantizedAmount < AMOUNT_BOUND, "ILLEGAL_AMOUNT");
        bytes32 action = _withdrawalHash(starkKey, vaultId, quantizedAmount);
        require(_requestedAt(action) == 0, "REQUEST_ALREADY_PENDING");
        _request(action, premiumCost);
        emit LogForcedWithdrawalRequest(starkKey, vaultId, quantizedAmount);
    }

    function freezeRequest(uint256 starkKey, uint256 vaultId, uint256 quantizedAmount) external notFrozen {
        require(vaultId < POSITION_BOUND, "OUT_OF_RANGE_POSITION_ID");
        _freezeBy(_requestedAt(_withdrawalHash(starkKey, vaultId, quantizedAmount)));
    }

    /// `signature`: B's consent, until the end of that hour since 1970.
    function forcedTradeRequest(
        uint256 starkKeyA,
        uint256 starkKeyB,
        uint256 vaultIdA,
        uint256 vaultIdB,
        uint256 collateralAssetId,
        uint256 syntheticAssetId,
        uint256 amountCollateral,
        uint256 amountSynthetic,
        bool aIsBuyingSynthetic,
        uint256 submissionExpirationTime,
        uint256 nonce,
        bytes calldata signature,
        bool premiumCost
    ) external notFrozen onlyKeyOwner(starkKeyA) {
        ForcedTrade memory trade = ForcedTrade(
            starkKeyA,
            starkKeyB,
            vaultIdA,
            vaultIdB,
            collateralAssetId,
            syntheticAssetId,
            amountCollateral,
            amountSynthetic,
            aIsBuyingSynthetic,
            nonce
        );
        _checkTrade(trade);
        require(submissionExpirationTime >= block.timestamp / 1 hours, "REQUEST_TIME_EXPIRED");
        bytes32 action = _tradeHash(trade);
        require(_requestedAt(action) == 0, "FORCED_TRADE_REPLAYED");
        _request(action, premiumCost);
        _checkConsent(starkKeyB, keccak256(abi.encodePacked(action, submissionExpirationTime)), signature);
        _emitTrade(trade);
    }

    function freezeRequest(
        uint256 starkKeyA,
        uint256 starkKeyB,
        uint256 vaultIdA,
        uint256 vaultIdB,
        uint256 collateralAssetId,
        uint256 syntheticAssetId,
        uint256 amountCollateral,
        uint256 amountSynthetic,
        bool aIsBuyingSynthetic,
        uint256 nonce
    ) external notFrozen {
        require(vaultIdA < POSITION_BOUND && vaultIdB < POSITION_BOUND, "OUT_OF_RANGE_POSITION_ID");
        bytes32 action = _tradeHash(
            ForcedTrade(
                starkKeyA,
                starkKeyB,
                vaultIdA,
                vaultIdB,
                collateralAssetId,
                syntheticAssetId,
                amountCollateral,
                amountSynthetic,
                aIsBuyingSynthetic,
                nonce
            )
        );
        _freezeBy(_requestedAt(action));
    }

    function getForcedWithdrawalRequest(uint256 starkKey, uint256 vaultId, uint256 quantizedAmount)
        external
        view
        returns (uint256)
    {
        return _requestedAt(_withdrawalHash(starkKey, vaultId, quantizedAmount));
    }

    function getForcedTradeRequest(
        uint256 starkKeyA,
        uint256 starkKeyB,
        uint256 vaultIdA,
        uint256 vaultIdB,
        uint256 collateralAssetId,
        uint256 syntheticAssetId,
        uint256 amountCollateral,
        uint256 amountSynthetic,
        bool aIsBuyingSynthetic,
        uint256 nonce
    ) external view returns (uint256) {
        bytes32 action = _tradeHash(
            ForcedTrade(
                starkKeyA,
                starkKeyB,
                vaultIdA,
                vaultIdB,
                collateralAssetId,
                syntheticAssetId,
                amountCollateral,
                amountSynthetic,
                aIsBuyingSynthetic,
                nonce
            )
        );
        return _requestedAt(action);
    }

    function getActionCount() external view returns (uint256) {
        return common().actionHashes.length;
    }

    function getActionHashByIndex(uint256 actionIndex) external view returns (bytes32) {
        require(actionIndex < common().actionHashes.length, "ACTION_INDEX_TOO_HIGH");
        return common().actionHashes[actionIndex];
    }

    function _checkTrade(ForcedTrade memory trade) private view {
        require(trade.vaultIdA < POSITION_BOUND, "OUT_OF_RANGE_POSITION_ID");
        require(trade.vaultIdB < POSITION_BOUND, "OUT_OF_RANGE_POSITION_ID");
        require(trade.vaultIdA != trade.vaultIdB, "IDENTICAL_VAULTS");
        require(trade.collateralAssetId == perpetual().systemAssetType, "SYSTEM_ASSET_NOT_IN_TRADE");
        require(trade.collateralAssetId != 0, "SYSTEM_ASSET_NOT_SET");
        require(trade.collateralAssetId != trade.syntheticAssetId, "IDENTICAL_ASSETS");
        require(perpetual().configurationHash[trade.syntheticAssetId] != 0, "UNKNOWN_ASSET");
        require(trade.amountCollateral < AMOUNT_BOUND, "ILLEGAL_AMOUNT");
        require(trade.amountSynthetic < AMOUNT_BOUND, "ILLEGAL_AMOUNT");
        require(trade.nonce < PRIME, "INVALID_NONCE_VALUE");
    }

    function _checkConsent(uint256 key, bytes32 message, bytes calldata signature) private view {
        if (signature.length < SIGNATURE_LENGTH) burnAll();
        address signer =
            ecrecover(message, uint8(signature[64]), bytes32(signature[0:32]), bytes32(signature[32:64]));
        require(signer != address(0) && signer == getEthKey(key), "INVALID_SIGNATURE");
    }

    function _emitTrade(ForcedTrade memory trade) private {
        emit LogForcedTradeRequest(
            trade.starkKeyA,
            trade.starkKeyB,
            trade.vaultIdA,
            trade.vaultIdB,
            trade.collateralAssetId,
            trade.syntheticAssetId,
            trade.amountCollateral,
            trade.amountSynthetic,
            trade.aIsBuyingSynthetic,
            trade.nonce
        );
    }
}

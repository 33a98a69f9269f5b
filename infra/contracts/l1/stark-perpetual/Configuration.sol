// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ASSET_ID_BOUND, PRIME} from "./Constants.sol";
import {Offices} from "./Offices.sol";
import {common, perpetual} from "./Storage.sol";

/// Hashes of configurations that a batch must have been made by. A hash is registered, may be applied when the delay has
/// passed, and stays applicable until its registration is removed: governors switch among all such hashes without notice.
abstract contract Configuration is Offices {
    event LogGlobalConfigurationRegistered(bytes32 configHash);
    event LogGlobalConfigurationApplied(bytes32 configHash);
    event LogGlobalConfigurationRemoved(bytes32 configHash);
    event LogAssetConfigurationRegistered(uint256 assetId, bytes32 configHash);
    event LogAssetConfigurationApplied(uint256 assetId, bytes32 configHash);
    event LogAssetConfigurationRemoved(uint256 assetId, bytes32 configHash);

    /// In the place of an asset's id.
    uint256 private constant GLOBAL = type(uint256).max;

    function globalConfigurationHash() external view returns (bytes32) {
        return perpetual().globalConfigurationHash;
    }

    function configurationHash(uint256 assetId) external view returns (bytes32) {
        return perpetual().configurationHash[assetId];
    }

    function configurationDelay() external view returns (uint256) {
        return perpetual().configurationDelay;
    }

    function registerGlobalConfigurationChange(bytes32 configHash) external onlyGovernance {
        _announce(GLOBAL, configHash);
        emit LogGlobalConfigurationRegistered(configHash);
    }

    function applyGlobalConfigurationChange(bytes32 configHash) external onlyGovernance {
        _checkApplicable(GLOBAL, configHash);
        perpetual().globalConfigurationHash = configHash;
        emit LogGlobalConfigurationApplied(configHash);
    }

    function removeGlobalConfigurationChange(bytes32 configHash) external onlyGovernance {
        _withdrawAnnouncement(GLOBAL, configHash);
        emit LogGlobalConfigurationRemoved(configHash);
    }

    function registerAssetConfigurationChange(uint256 assetId, bytes32 configHash) external onlyGovernance {
        require(assetId < ASSET_ID_BOUND, "INVALID_ASSET_ID");
        _announce(assetId, configHash);
        emit LogAssetConfigurationRegistered(assetId, configHash);
    }

    function applyAssetConfigurationChange(uint256 assetId, bytes32 configHash) external onlyGovernance {
        _checkApplicable(assetId, configHash);
        perpetual().configurationHash[assetId] = configHash;
        emit LogAssetConfigurationApplied(assetId, configHash);
    }

    function removeAssetConfigurationChange(uint256 assetId, bytes32 configHash) external onlyGovernance {
        _withdrawAnnouncement(assetId, configHash);
        emit LogAssetConfigurationRemoved(assetId, configHash);
    }

    function _announce(uint256 what, bytes32 hash) private {
        require(uint256(hash) < PRIME, "INVALID_CONFIG_HASH");
        common().applicableFrom[_key(what, hash)] = block.timestamp + perpetual().configurationDelay;
    }

    function _checkApplicable(uint256 what, bytes32 hash) private view {
        uint256 from = common().applicableFrom[_key(what, hash)];
        require(from > 0, "CONFIGURATION_NOT_REGSITERED");
        require(from <= block.timestamp, "CONFIGURATION_NOT_ENABLE_YET");
    }

    function _withdrawAnnouncement(uint256 what, bytes32 hash) private {
        require(common().applicableFrom[_key(what, hash)] > 0, "CONFIGURATION_NOT_REGSITERED");
        common().applicableFrom[_key(what, hash)] = 0;
    }

    function _key(uint256 what, bytes32 hash) private pure returns (bytes32) {
        return keccak256(abi.encode(what, hash));
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFacts} from "../gps/FactRegistry.sol";
import {Configuration} from "./Configuration.sol";
import {CANCEL_DELAY, FREEZE_PERIOD, GRACE_PERIOD, MOST_VERIFIERS, REMOVAL_DELAY, REQUESTS_PER_BLOCK} from "./Constants.sol";
import {Part} from "./Part.sol";
import {common, perpetual} from "./Storage.sol";
import {UpdateState} from "./UpdateState.sol";

/// The state of the exchange: batches, configurations, operators, and the way out of a frozen exchange.
contract PerpetualState is Part, Configuration, UpdateState {
    string public constant VERSION = "3.2.0";
    uint256 public constant FREEZE_GRACE_PERIOD = GRACE_PERIOD;
    uint256 public constant UNFREEZE_DELAY = FREEZE_PERIOD;
    uint256 public constant DEPOSIT_CANCEL_DELAY = CANCEL_DELAY;
    uint256 public constant VERIFIER_REMOVAL_DELAY = REMOVAL_DELAY;
    uint256 public constant MAX_VERIFIER_COUNT = MOST_VERIFIERS;
    uint256 public constant MAX_FORCED_ACTIONS_REQS_PER_BLOCK = REQUESTS_PER_BLOCK;

    /// Escape verifier, sequence number, and a state of eight words with where it begins and its length.
    uint256 private constant INITIALIZER_SIZE = 384;
    uint256 private constant NOT_IN_USE = type(uint256).max;

    function identify() external pure override returns (string memory) {
        return "StarkWare_PerpetualState_2022_2";
    }

    function initializerSize() external pure override returns (uint256) {
        return INITIALIZER_SIZE;
    }

    function initialize(bytes calldata data) external override {
        require(perpetual().sharedStateHash == 0, "STATE_ALREADY_INITIALIZED");
        require(data.length == INITIALIZER_SIZE, "INCORRECT_INIT_DATA_SIZE_384");
        (address escapeVerifier, uint256 sequenceNumber, uint256[] memory state) =
            abi.decode(data, (address, uint256, uint256[]));
        _beginGovernance();
        _setOperator(msg.sender);
        common().sequenceNumber = sequenceNumber;
        common().validiumVaultRoot = NOT_IN_USE;
        common().validiumTreeHeight = NOT_IN_USE;
        common().rollupVaultRoot = state[0];
        common().rollupTreeHeight = state[1];
        common().orderRoot = state[2];
        common().orderTreeHeight = state[3];
        common().escapeVerifier = escapeVerifier;
        perpetual().sharedStateHash = keccak256(abi.encodePacked(state));
    }

    /// With a registered proof of what a position is worth, once for each position.
    function escape(uint256 starkKey, uint256 vaultId, uint256 quantizedAmount) external onlyFrozen {
        require(!common().escaped[vaultId], "ESCAPE_ALREADY_USED");
        common().escaped[vaultId] = true;
        common().escapes += 1;
        bytes32 claim = keccak256(abi.encode(starkKey, quantizedAmount, perpetual().sharedStateHash, vaultId));
        require(IFacts(common().escapeVerifier).isValid(claim), "ESCAPE_LACKS_PROOF");
        _allowWithdrawal(starkKey, perpetual().systemAssetType, quantizedAmount);
    }

    function getSequenceNumber() external view returns (uint256) {
        return common().sequenceNumber;
    }

    function getLastBatchId() external view returns (uint256) {
        return common().lastBatchId;
    }

    // The roots and heights below are those of the beginning: no batch changes them.

    function getValidiumVaultRoot() external view returns (uint256) {
        return common().validiumVaultRoot;
    }

    function getValidiumTreeHeight() external view returns (uint256) {
        return common().validiumTreeHeight;
    }

    function getRollupVaultRoot() external view returns (uint256) {
        return common().rollupVaultRoot;
    }

    function getRollupTreeHeight() external view returns (uint256) {
        return common().rollupTreeHeight;
    }

    function getOrderRoot() external view returns (uint256) {
        return common().orderRoot;
    }

    function getOrderTreeHeight() external view returns (uint256) {
        return common().orderTreeHeight;
    }

    function getGlobalConfigCode() external pure returns (uint256) {
        return 0;
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFacts} from "../gps/FactRegistry.sol";
import {burnAll, hashOfWords, wordAt} from "../gps/OldWords.sol";
import {PRIME} from "./Constants.sol";
import {ForcedRequests, ForcedTrade} from "./ForcedRequests.sol";
import {Freezing} from "./Freezing.sol";
import {Operators} from "./Offices.sol";
import {ProgramOutput, Sections} from "./ProgramOutput.sol";
import {Chain, common, perpetual} from "./Storage.sol";
import {Withdrawable} from "./Withdrawable.sol";

/// A proved batch becomes the state. What can be wrong is found in this order: form, times, tree heights, configurations,
/// where it begins, its proof, its data; then what it does to deposits, conditions and forced requests.
abstract contract UpdateState is Operators, Freezing, ForcedRequests, Withdrawable {
    event LogUpdateState(uint256 sequenceNumber, uint256 batchId);
    event LogStateTransitionFact(bytes32 stateTransitionFact);

    uint256 private constant EXPIRATION_BOUND = 2 ** 32;
    uint256 private constant OLDEST = 7 days;
    uint256 private constant NEWEST = 4 hours;

    // Words of the application data.
    uint256 private constant BATCH_ID = 0;
    uint256 private constant PREVIOUS_BATCH_ID = 1;
    uint256 private constant CONDITION_COUNT = 2;
    uint256 private constant CONDITIONS = 3;

    /// A balance's change is told with this added to it.
    uint256 private constant NO_CHANGE = 2 ** 64;
    uint256 private constant CHANGE_BOUND = 2 ** 65;
    uint256 private constant CONDITION_MASK = 2 ** 250 - 1;

    uint256 private constant FORCED_WITHDRAWAL = 0;
    uint256 private constant FORCED_TRADE = 1;

    function updateState(uint256[] calldata programOutput, uint256[] calldata applicationData)
        external
        notFrozen
        onlyOperator
    {
        Sections memory found = ProgramOutput.sectionsOf(programOutput);
        _checkTimes(found);
        _checkHeights(programOutput, found);
        _checkConfigurations(programOutput, found);
        _checkBeginning(programOutput, applicationData, found);

        bytes32 fact = _stateTransitionFact(programOutput, found.mode);
        emit LogStateTransitionFact(fact);
        _checkFact(common().verifiers, fact, "NO_STATE_TRANSITION_VERIFIERS", "NO_STATE_TRANSITION_PROOF");
        if (found.mode == ProgramOutput.VALIDIUM) {
            bytes32 available = _availabilityFact(programOutput, found);
            _checkFact(
                common().availabilityVerifiers, available, "NO_AVAILABILITY_VERIFIERS", "NO_AVAILABILITY_PROOF"
            );
        }

        perpetual().sharedStateHash = _hashOf(programOutput, found.newState, found.newStateWords);
        common().sequenceNumber += 1;
        common().lastBatchId = wordAt(applicationData, BATCH_ID);
        _applyModifications(programOutput, found);
        _checkConditions(programOutput, applicationData, found);
        _serveForced(programOutput, found);
        emit LogUpdateState(common().sequenceNumber, applicationData[BATCH_ID]);
    }

    function _checkTimes(Sections memory found) private view {
        require(found.expiration < EXPIRATION_BOUND, "Expiration timestamp is out of range.");
        require(found.systemTime > block.timestamp - OLDEST, "SYSTEM_TIME_OUTDATED");
        require(found.systemTime < block.timestamp + NEWEST, "SYSTEM_TIME_INVALID");
        require(found.expiration > block.timestamp / 1 hours, "BATCH_TIMESTAMP_EXPIRED");
    }

    function _checkHeights(uint256[] calldata output, Sections memory found) private pure {
        require(
            _isSame(output, found, ProgramOutput.POSITIONS_HEIGHT), "INCONSISTENT_POSITION_TREE_HEIGHT"
        );
        require(_isSame(output, found, ProgramOutput.ORDERS_HEIGHT), "INCONSISTENT_ORDER_TREE_HEIGHT");
    }

    function _isSame(uint256[] calldata output, Sections memory found, uint256 word) private pure returns (bool) {
        return wordAt(output, found.newState + word) == wordAt(output, found.previousState + word);
    }

    function _checkConfigurations(uint256[] calldata output, Sections memory found) private view {
        bytes32 global = perpetual().globalConfigurationHash;
        require(global != 0, "GLOBAL_CONFIGURATION_NOT_SET");
        require(
            global == bytes32(output[ProgramOutput.GLOBAL_CONFIGURATION]), "GLOBAL_CONFIGURATION_MISMATCH"
        );
        for (uint256 i = 0; i < found.assets; i++) {
            uint256 asset = ProgramOutput.ASSETS + 2 * i;
            bytes32 hash = perpetual().configurationHash[output[asset]];
            require(hash == bytes32(output[asset + 1]), "ASSET_CONFIGURATION_MISMATCH");
        }
    }

    function _checkBeginning(uint256[] calldata output, uint256[] calldata application, Sections memory found)
        private
        view
    {
        bytes32 previous = _hashOf(output, found.previousState, found.previousStateWords);
        require(previous == perpetual().sharedStateHash, "INVALID_PREVIOUS_SHARED_STATE");
        require(
            wordAt(application, PREVIOUS_BATCH_ID) == common().lastBatchId, "WRONG_PREVIOUS_BATCH_ID"
        );
    }

    /// Of a rollup, the root of a tree of two: the output, and the data of which only hash and size are known.
    function _stateTransitionFact(uint256[] calldata output, uint256 mode) private pure returns (bytes32) {
        if (mode == ProgramOutput.VALIDIUM) return hashOfWords(output);
        require(mode == ProgramOutput.ROLLUP, "UNSUPPORTED_DATA_AVAILABILITY_MODE");
        uint256 end = output.length - ProgramOutput.ONCHAIN_DATA_WORDS;
        bytes32 main = hashOfWords(output[:end]);
        unchecked {
            bytes32 pair = keccak256(abi.encode(main, end, output[end], end + output[end + 1]));
            return bytes32(uint256(pair) + 1);
        }
    }

    /// Of the state that follows, by the number that it will have.
    function _availabilityFact(uint256[] calldata output, Sections memory found) private view returns (bytes32) {
        uint256 state = found.newState;
        return keccak256(
            abi.encode(
                output[state + ProgramOutput.POSITIONS_ROOT],
                output[state + ProgramOutput.POSITIONS_HEIGHT],
                output[state + ProgramOutput.ORDERS_ROOT],
                output[state + ProgramOutput.ORDERS_HEIGHT],
                common().sequenceNumber + 1
            )
        );
    }

    function _checkFact(Chain storage chain, bytes32 fact, string memory nobody, string memory unknown) private view {
        uint256 count = chain.entries.length;
        require(count > 0, nobody);
        for (uint256 i = 0; i < count; i++) {
            require(IFacts(chain.entries[i]).isValid(fact), unknown);
        }
    }

    function _applyModifications(uint256[] calldata output, Sections memory found) private {
        uint256 asset = perpetual().systemAssetType;
        for (uint256 i = 0; i < found.modificationCount; i++) {
            uint256 modification = found.modifications + ProgramOutput.MODIFICATION_WORDS * i;
            uint256 key = output[modification];
            uint256 change = output[modification + 2];
            require(change < CHANGE_BOUND, "Illegal Balance Diff");
            require(key < PRIME, "Stark key >= PRIME");
            if (change > NO_CHANGE) _takeDeposit(key, output[modification + 1], asset, change - NO_CHANGE);
            if (change < NO_CHANGE) _allowWithdrawal(key, asset, NO_CHANGE - change);
        }
    }

    function _takeDeposit(uint256 key, uint256 vault, uint256 asset, uint256 quanta) private {
        uint256 pending = common().deposits[key][asset][vault];
        require(pending >= quanta, "DEPOSIT_INSUFFICIENT");
        common().deposits[key][asset][vault] = pending - quanta;
    }

    function _checkConditions(uint256[] calldata output, uint256[] calldata application, Sections memory found)
        private
        view
    {
        uint256 count = found.conditionCount;
        require(wordAt(application, CONDITION_COUNT) == count, "N_CONDITIONS_MISMATCH");
        require(application.length >= CONDITIONS + 2 * count, "BAD_APP_DATA_SIZE");
        for (uint256 i = 0; i < count; i++) {
            address registry = address(uint160(application[CONDITIONS + 2 * i]));
            bytes32 fact = bytes32(application[CONDITIONS + 2 * i + 1]);
            uint256 condition = uint256(keccak256(abi.encodePacked(registry, fact))) & CONDITION_MASK;
            require(output[found.conditions + i] == condition, "Condition mismatch.");
            (bool done, bytes memory answer) = registry.staticcall(abi.encodeCall(IFacts.isValid, (fact)));
            require(done && answer.length == 32, "BAD_FACT_REGISTRY_CONTRACT");
            require(abi.decode(answer, (uint256)) != 0, "Condition for the conditional transfer was not met.");
        }
    }

    function _serveForced(uint256[] calldata output, Sections memory found) private {
        uint256 next = found.forced;
        for (uint256 i = 0; i < found.forcedCount; i++) {
            uint256 kind = wordAt(output, next++);
            if (kind == FORCED_WITHDRAWAL) {
                _serveWithdrawal(
                    _withdrawalHash(wordAt(output, next), wordAt(output, next + 1), wordAt(output, next + 2))
                );
                next += 3;
            } else if (kind == FORCED_TRADE) {
                _serveTrade(_tradeHash(_tradeIn(output, next)));
                next += 9;
            } else {
                burnAll();
            }
        }
        require(next == found.forced + found.forcedWords, "SIZE_MISMATCH");
    }

    /// The collateral is not told: there is one.
    function _tradeIn(uint256[] calldata output, uint256 start) private view returns (ForcedTrade memory) {
        return ForcedTrade({
            starkKeyA: wordAt(output, start),
            starkKeyB: wordAt(output, start + 1),
            vaultIdA: wordAt(output, start + 2),
            vaultIdB: wordAt(output, start + 3),
            collateralAssetId: perpetual().systemAssetType,
            syntheticAssetId: wordAt(output, start + 4),
            amountCollateral: wordAt(output, start + 5),
            amountSynthetic: wordAt(output, start + 6),
            aIsBuyingSynthetic: wordAt(output, start + 7) != 0,
            nonce: wordAt(output, start + 8)
        });
    }

    function _hashOf(uint256[] calldata output, uint256 start, uint256 count) private pure returns (bytes32) {
        return hashOfWords(output[start:start + count]);
    }
}

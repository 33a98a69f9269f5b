// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {wordAt} from "../gps/OldWords.sol";

/// Where the parts of a batch's program output begin, and how many words or entries they have.
struct Sections {
    uint256 mode;
    uint256 assets;
    uint256 previousState;
    uint256 previousStateWords;
    uint256 newState;
    uint256 newStateWords;
    uint256 systemTime;
    /// Hours since 1970.
    uint256 expiration;
    uint256 modifications;
    uint256 modificationCount;
    uint256 forced;
    uint256 forcedWords;
    uint256 forcedCount;
    uint256 conditions;
    uint256 conditionCount;
}

/// The output of the perpetual program: configurations, the state before and after, and what happens on L1 by it.
library ProgramOutput {
    uint256 internal constant VALIDIUM = 0;
    uint256 internal constant ROLLUP = 1;

    uint256 internal constant GLOBAL_CONFIGURATION = 0;
    uint256 private constant MODE = 1;
    uint256 private constant ASSET_COUNT = 2;
    uint256 internal constant ASSETS = 3;
    uint256 private constant LEAST_WORDS = 9;
    uint256 private constant ASSET_BOUND = 2 ** 16;

    // Words of a shared state.
    uint256 internal constant POSITIONS_ROOT = 0;
    uint256 internal constant POSITIONS_HEIGHT = 1;
    uint256 internal constant ORDERS_ROOT = 2;
    uint256 internal constant ORDERS_HEIGHT = 3;

    uint256 internal constant MODIFICATION_WORDS = 3;
    /// In a rollup the data's hash and size are the last words.
    uint256 internal constant ONCHAIN_DATA_WORDS = 2;

    /// Lengths are added without a check, as in the original; a word past the end burns all gas.
    function sectionsOf(uint256[] calldata output) internal pure returns (Sections memory found) {
        unchecked {
            require(output.length >= LEAST_WORDS, "programOutput does not contain all required fields.");
            found.mode = output[MODE];
            found.assets = output[ASSET_COUNT];
            require(found.assets < ASSET_BOUND, "ILLEGAL_NUMBER_OF_ASSETS");
            uint256 next = ASSETS + 2 * found.assets;
            require(output.length >= next + 1, "programOutput invalid size (nAssetConfig)");

            found.previousStateWords = wordAt(output, next++);
            found.previousState = next;
            next += found.previousStateWords;
            require(output.length >= next + 1, "programOutput invalid size (prevState)");

            found.newStateWords = wordAt(output, next++);
            found.newState = next;
            next += found.newStateWords;
            require(output.length >= next + 2, "programOutput invalid size (newState)");
            found.systemTime = wordAt(output, next - 1);
            wordAt(output, found.newState + ORDERS_HEIGHT);

            found.expiration = wordAt(output, next++);
            found.modificationCount = wordAt(output, next++);
            found.modifications = next;
            next += MODIFICATION_WORDS * found.modificationCount;
            found.forcedWords = wordAt(output, next++);
            found.forcedCount = wordAt(output, next++);
            found.forced = next;
            next += found.forcedWords;
            found.conditionCount = wordAt(output, next++);
            found.conditions = next;
            next += found.conditionCount;
            if (found.mode == ROLLUP) next += ONCHAIN_DATA_WORDS;
            require(output.length == next, "programOutput invalid size (mods/forced/conditions)");
        }
    }
}

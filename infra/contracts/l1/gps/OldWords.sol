// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// The originals were compiled by a Solidity whose index past an array's end, and whose failed assertion, is an invalid opcode:
// the call ends without a reason and takes all gas that it was given. Their callers must know, so ours do the same.

/// Ends the call, and all its gas.
function burnAll() pure {
    assembly ("memory-safe") {
        invalid()
    }
}

/// The word at that index, if it is there.
function wordAt(uint256[] calldata words, uint256 index) pure returns (uint256) {
    if (index >= words.length) burnAll();
    return words[index];
}

/// The words from there on; a start past the end is refused without a reason, and without more gas.
function wordsFrom(uint256[] calldata words, uint256 start) pure returns (uint256[] calldata) {
    return words[start:];
}

/// The hash of words as they are packed, without their number.
function hashOfWords(uint256[] calldata words) pure returns (bytes32 hash) {
    assembly ("memory-safe") {
        let free := mload(0x40)
        let size := mul(words.length, 0x20)
        calldatacopy(free, words.offset, size)
        hash := keccak256(free, size)
    }
}

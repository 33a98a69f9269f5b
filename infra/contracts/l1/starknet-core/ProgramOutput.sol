// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Where things stand in the output of the Starknet OS, or of the program that joins its runs. After the header come the KZG
/// words (with blobs), the messages to L1 and the messages to L2.
library ProgramOutput {
    uint256 internal constant PREVIOUS_ROOT = 0;
    uint256 internal constant NEW_ROOT = 1;
    uint256 internal constant PREVIOUS_BLOCK_NUMBER = 2;
    uint256 internal constant NEW_BLOCK_NUMBER = 3;
    uint256 internal constant PREVIOUS_BLOCK_HASH = 4;
    uint256 internal constant NEW_BLOCK_HASH = 5;
    uint256 internal constant OS_PROGRAM_HASH = 6;
    uint256 internal constant CONFIG_HASH = 7;
    uint256 internal constant USES_BLOBS = 8;
    uint256 internal constant FULL_OUTPUT = 9;
    uint256 internal constant HEADER = 10;

    /// 2^251 + 17 * 2^192 + 1, the field of Cairo's words.
    uint256 internal constant FIELD_PRIME = 2 ** 251 + 17 * 2 ** 192 + 1;
    /// No segment and no payload has this many words.
    uint256 internal constant TOO_MANY = 2 ** 30;

    function areFelts(uint256[] calldata words) internal pure returns (bool) {
        for (uint256 index = 0; index < words.length; index++) {
            if (words[index] >= FIELD_PRIME) return false;
        }
        return true;
    }

    /// One past the last word of the message that begins at `start` and has `prefix` words before its payload, the last of
    /// them the payload's length.
    function messageEnd(uint256[] calldata rest, uint256 start, uint256 prefix) internal pure returns (uint256 end) {
        uint256 lengthAt = start + prefix - 1;
        require(lengthAt < rest.length, "MESSAGE_TOO_SHORT");
        uint256 payload = rest[lengthAt];
        require(payload < TOO_MANY, "INVALID_PAYLOAD_LENGTH");
        end = start + prefix + payload;
        require(end <= rest.length, "TRUNCATED_MESSAGE_PAYLOAD");
    }
}

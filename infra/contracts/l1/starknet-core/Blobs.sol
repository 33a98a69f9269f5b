// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Checks that what the program says of its blobs is true of those that the transaction carries (EIP-4844).
///
/// The words after the header are: the point, how many blobs, for each blob its commitment (the low 24 bytes, then the high 24),
/// for each blob its value at the point (the low 16 bytes, then the high 16). They are used before they are known to be felts.
library Blobs {
    address private constant POINT_EVALUATION = address(0x0A);
    /// What the precompile answers where the proof holds: 4096 field elements, and the order of the field.
    bytes32 private constant HOLDS = keccak256(
        abi.encode(uint256(4096), 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001)
    );
    bytes1 private constant KZG_VERSION = 0x01;
    uint256 private constant PROOF_BYTES = 48;

    /// How many words the segment has.
    function check(uint256[] calldata rest, bytes[] calldata proofs) internal view returns (uint256) {
        require(rest.length >= 2, "KZG_SEGMENT_TOO_SHORT");
        uint256 blobs = rest[1];
        uint256 valuesAt = 2 + 2 * blobs;
        require(proofs.length == blobs, "INVALID_NUMBER_OF_KZG_PROOFS");
        require(rest.length >= valuesAt + 2 * blobs, "KZG_SEGMENT_TOO_SHORT");
        for (uint256 index = 0; index < blobs; index++) {
            _checkBlob(index, bytes32(rest[0]), rest[2 + 2 * index:], rest[valuesAt + 2 * index:], proofs[index]);
        }
        return valuesAt + 2 * blobs;
    }

    function _checkBlob(
        uint256 index,
        bytes32 point,
        uint256[] calldata commitment,
        uint256[] calldata value,
        bytes calldata proof
    ) private view {
        bytes32 versioned = blobhash(index);
        require(versioned != 0, "INVALID_BLOB_INDEX");
        require(versioned[0] == KZG_VERSION, "UNEXPECTED_BLOB_HASH_VERSION");
        require(commitment[0] < 2 ** 192 && commitment[1] < 2 ** 192, "INVALID_KZG_COMMITMENT");
        require(value[0] < 2 ** 128 && value[1] < 2 ** 128, "INVALID_Y_VALUE");
        require(proof.length == PROOF_BYTES, "INVALID_KZG_PROOF_SIZE");
        // A precompile that refuses takes all the gas it was given: 63 of 64 parts of what is left.
        (bool done, bytes memory answer) = POINT_EVALUATION.staticcall(
            abi.encodePacked(
                versioned, point, value[1] << 128 | value[0], uint192(commitment[1]), uint192(commitment[0]), proof
            )
        );
        require(done, "POINT_EVALUATION_PRECOMPILE_CALL_FAILED");
        require(keccak256(answer) == HOLDS, "UNEXPECTED_POINT_EVALUATION_PRECOMPILE_OUTPUT");
    }
}

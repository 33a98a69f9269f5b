// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FactRegistry} from "./FactRegistry.sol";

/// Facts about pages of a proof's public memory: the hash of a page, and the product of z − (address + α · value) over its
/// cells. A regular page is a list of addresses and values; a continuous one has neighbouring cells and only their values.
contract MemoryPageRegistry is FactRegistry {
    event LogMemoryPageFactRegular(bytes32 factHash, uint256 memoryHash, uint256 prod);
    event LogMemoryPageFactContinuous(bytes32 factHash, uint256 memoryHash, uint256 prod);

    uint256 private constant REGULAR = 0;
    uint256 private constant CONTINUOUS = 1;
    uint256 private constant MOST_WORDS = 2 ** 20;

    /// `memoryPairs`: address, value, address, value, …
    function registerRegularMemoryPage(uint256[] calldata memoryPairs, uint256 z, uint256 alpha, uint256 prime)
        external
        returns (bytes32 factHash, uint256 memoryHash, uint256 prod)
    {
        require(memoryPairs.length < MOST_WORDS, "Too many memory values.");
        require(memoryPairs.length % 2 == 0, "Size of memoryPairs must be even.");
        require(z < prime, "Invalid value of z.");
        require(alpha < prime, "Invalid value of alpha.");
        prod = 1;
        for (uint256 i = 0; i < memoryPairs.length; i += 2) {
            prod = mulmod(prod, _factor(memoryPairs[i], memoryPairs[i + 1], z, alpha, prime), prime);
        }
        memoryHash = uint256(keccak256(abi.encodePacked(memoryPairs)));
        uint256 cells = memoryPairs.length / 2;
        factHash = keccak256(abi.encode(REGULAR, prime, cells, z, alpha, prod, memoryHash, uint256(0)));
        emit LogMemoryPageFactRegular(factHash, memoryHash, prod);
        _register(factHash);
    }

    function registerContinuousMemoryPage(
        uint256 startAddr,
        uint256[] calldata values,
        uint256 z,
        uint256 alpha,
        uint256 prime
    ) external returns (bytes32 factHash, uint256 memoryHash, uint256 prod) {
        require(values.length < MOST_WORDS, "Too many memory values.");
        require(prime < 2 ** 254, "prime is too big for the optimizations in this function.");
        require(z < prime, "Invalid value of z.");
        require(alpha < prime, "Invalid value of alpha.");
        require(startAddr < 2 ** 64 && startAddr < prime, "Invalid value of startAddr.");
        prod = 1;
        for (uint256 i = 0; i < values.length; i++) {
            prod = mulmod(prod, _factor(startAddr + i, values[i], z, alpha, prime), prime);
        }
        memoryHash = uint256(keccak256(abi.encodePacked(values)));
        factHash = keccak256(abi.encode(CONTINUOUS, prime, values.length, z, alpha, prod, memoryHash, startAddr));
        emit LogMemoryPageFactContinuous(factHash, memoryHash, prod);
        _register(factHash);
    }

    function _factor(uint256 cell, uint256 value, uint256 z, uint256 alpha, uint256 prime)
        private
        pure
        returns (uint256)
    {
        uint256 combined = addmod(cell, mulmod(value, alpha, prime), prime);
        return addmod(z, prime - combined, prime);
    }
}

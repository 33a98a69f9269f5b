// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Storage that has a name instead of a place in line: what stands behind a proxy must never move by an upgrade.

struct NamedUint {
    uint256 value;
}

struct NamedAddress {
    address value;
}

struct NamedBool {
    bool value;
}

struct NamedCounts {
    mapping(bytes32 => uint256) count;
}

struct NamedMembers {
    mapping(address => bool) has;
}

function uintAt(bytes32 slot) pure returns (NamedUint storage word) {
    assembly ("memory-safe") {
        word.slot := slot
    }
}

function addressAt(bytes32 slot) pure returns (NamedAddress storage word) {
    assembly ("memory-safe") {
        word.slot := slot
    }
}

function boolAt(bytes32 slot) pure returns (NamedBool storage word) {
    assembly ("memory-safe") {
        word.slot := slot
    }
}

function countsAt(bytes32 slot) pure returns (NamedCounts storage counts) {
    assembly ("memory-safe") {
        counts.slot := slot
    }
}

function membersAt(bytes32 slot) pure returns (NamedMembers storage members) {
    assembly ("memory-safe") {
        members.slot := slot
    }
}

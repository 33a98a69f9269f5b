// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Contracts that must all know a fact.
struct Chain {
    address[] entries;
    mapping(address => uint256) removableFrom;
}

/// What a StarkEx application keeps, word by word at the original's places (the proxy's own variables come first).
struct Common {
    // 4
    address escapeVerifier;
    bool frozen;
    uint256 unFreezeTime;
    /// Key, asset, position.
    mapping(uint256 => mapping(uint256 => mapping(uint256 => uint256))) deposits;
    mapping(uint256 => mapping(uint256 => mapping(uint256 => uint256))) cancelledAt;
    /// Key, asset.
    mapping(uint256 => mapping(uint256 => uint256)) withdrawals;
    mapping(uint256 => bool) escaped;
    // 10
    uint256 escapes;
    uint256 unused11;
    uint256 sequenceNumber;
    uint256 validiumVaultRoot;
    uint256 validiumTreeHeight;
    uint256 orderRoot;
    uint256 orderTreeHeight;
    mapping(address => bool) tokenAdmins;
    uint256 unused18;
    mapping(address => bool) operators;
    // 20
    mapping(uint256 => bytes) assetInfo;
    mapping(uint256 => bool) registeredAssetType;
    mapping(uint256 => uint256) quantum;
    uint256 unused23;
    mapping(uint256 => address) ethKeys;
    Chain verifiers;
    Chain availabilityVerifiers;
    uint256 lastBatchId;
    // 30
    mapping(uint256 => address) parts;
    uint256 unused31;
    uint256 unused32;
    /// By block number.
    mapping(uint256 => uint256) forcedRequestsIn;
    mapping(bytes32 => uint256) forcedRequestedAt;
    // 35
    mapping(bytes32 => uint256) applicableFrom;
    bytes32[] actionHashes;
    uint256 rollupVaultRoot;
    uint256 rollupTreeHeight;
}

/// What the perpetual exchange has besides, from word 2^64 on.
struct Perpetual {
    uint256 systemAssetType;
    bytes32 globalConfigurationHash;
    mapping(uint256 => bytes32) configurationHash;
    bytes32 sharedStateHash;
    uint256 configurationDelay;
}

function common() pure returns (Common storage kept) {
    assembly ("memory-safe") {
        kept.slot := 4
    }
}

function perpetual() pure returns (Perpetual storage kept) {
    assembly ("memory-safe") {
        kept.slot := 0x10000000000000000
    }
}

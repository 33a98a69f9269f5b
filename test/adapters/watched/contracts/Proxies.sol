// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// A proxy that keeps where it leads to as EIP-1967 says. Anybody may change that.
contract Proxy {
    bytes32 private constant IMPLEMENTATION = bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);
    bytes32 private constant ADMIN = bytes32(uint256(keccak256("eip1967.proxy.admin")) - 1);

    constructor(address implementation) {
        _store(IMPLEMENTATION, implementation);
        _store(ADMIN, msg.sender);
    }

    function upgradeTo(address implementation) external {
        _store(IMPLEMENTATION, implementation);
    }

    fallback() external virtual {
        _delegate(IMPLEMENTATION);
    }

    function _store(bytes32 slot, address value) internal {
        assembly {
            sstore(slot, value)
        }
    }

    function _delegate(bytes32 slot) internal {
        assembly {
            calldatacopy(0, 0, calldatasize())
            let ok := delegatecall(gas(), sload(slot), 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if ok {
                return(0, returndatasize())
            }
            revert(0, returndatasize())
        }
    }
}

/// Leads everybody to a second implementation, as Arbitrum's rollup does for whoever is not its admin.
contract DoubleProxy is Proxy {
    bytes32 private constant SECONDARY = bytes32(uint256(keccak256("eip1967.proxy.implementation.secondary")) - 1);

    constructor(address admin, address user) Proxy(admin) {
        _store(SECONDARY, user);
    }

    function upgradeSecondaryTo(address implementation) external {
        _store(SECONDARY, implementation);
    }

    fallback() external override {
        _delegate(SECONDARY);
    }
}
